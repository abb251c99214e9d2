using System.Linq.Expressions;
using Serverless.Common;

namespace Core.Tests.Common;

[TestClass]
public sealed class CallExpressionTests
{
    private readonly string _field = "field";

    private static string Explode => throw new InvalidOperationException("boom");

    [TestMethod]
    public void InstanceCall_GivesMethodAndCapturedArguments()
    {
        var number = 4;
        var text = new Holder { Value = "held" };

        var call = OfMethod<Target>(t => t.RunAsync(number, text.Value));

        Assert.AreEqual(nameof(Target.RunAsync), call.Method.Name);
        CollectionAssert.AreEqual(new object?[] { 4, "held" }, call.Args.ToArray());
    }

    [TestMethod]
    public void Arguments_OfEveryKind_AreEvaluated()
    {
        int small = 3;

        CollectionAssert.AreEqual(new object?[] { 7, "field" }, OfMethod<Target>(t => t.RunAsync(small + 4, _field)).Args.ToArray());
        CollectionAssert.AreEqual(new object?[] { 3L }, OfMethod<Target>(t => t.Wide(small)).Args.ToArray());
        CollectionAssert.AreEqual(new object?[] { 3 }, OfMethod<Target>(t => t.Maybe(small)).Args.ToArray());
        CollectionAssert.AreEqual(new object?[] { null }, OfMethod<Target>(t => t.Maybe(null)).Args.ToArray());
        CollectionAssert.AreEqual(new object?[] { 3 }, OfMethod<Target>(t => t.Any(small)).Args.ToArray());
        CollectionAssert.AreEqual(new object?[] { "3!" }, OfMethod<Target>(t => t.Any(string.Concat(small, "!"))).Args.ToArray());
    }

    [TestMethod]
    public void ArgumentThatThrows_ThrowsItsOwnException() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => OfMethod<Target>(t => t.RunAsync(1, Explode)));

    [TestMethod]
    public void StaticCall_NeedsNoParameter()
    {
        Expression<Func<int>> lambda = () => Target.Static(5);

        Assert.AreEqual(nameof(Target.Static), CallExpression.OfMethod(lambda).Method.Name);
    }

    [TestMethod]
    public void InstanceCallWithoutParameter_IsRefused()
    {
        var target = new Target();
        Expression<Func<Task>> lambda = () => target.RunAsync(1, "a");

        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => CallExpression.OfMethod(lambda)).Message, "parameter");
    }

    [TestMethod]
    public void CallOnSomethingElse_IsRefused()
    {
        var other = new Target();

        Assert.ThrowsExactly<ArgumentException>(() => OfMethod<Target>(t => other.RunAsync(1, "a")));
        Assert.ThrowsExactly<ArgumentException>(() => OfMethod<Target>(t => Target.Static(1)));
    }

    [TestMethod]
    public void ArgumentThatUsesTheParameter_IsRefused() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => OfMethod<Target>(t => t.RunAsync(1, t.ToString()!))).Message, "parameter");

    [TestMethod]
    public void MoreThanACall_IsRefused()
    {
        Expression<Func<Target, int>> lambda = t => t.Number() + 1;

        Assert.ThrowsExactly<ArgumentException>(() => CallExpression.OfMethod(lambda));
    }

    [TestMethod]
    public void Property_IsReadWhereAllowed()
    {
        Expression<Func<Target, int>> lambda = t => t.State;

        Assert.AreEqual(nameof(Target.State), CallExpression.OfMethodOrProperty(lambda).Member.Name);
        Assert.ThrowsExactly<ArgumentException>(() => CallExpression.OfMethod(lambda));
    }

    [TestMethod]
    public void InterfaceCall_GivesTheInterfaceMethod() =>
        Assert.AreEqual(typeof(ITarget), OfMethod<ITarget>(t => t.Number()).Method.DeclaringType);

    [TestMethod]
    public void Names_FollowTheRules()
    {
        Assert.AreEqual("Target", MemberNames.OfType(typeof(ITarget)));
        Assert.AreEqual("Target", MemberNames.OfType(typeof(Target)));
        Assert.AreEqual("Run", MemberNames.OfActivity(typeof(Target).GetMethod(nameof(Target.RunAsync))!));
        Assert.AreEqual("NotAsync", MemberNames.OfActivity(typeof(Target).GetMethod(nameof(Target.NotAsync))!));
        Assert.AreEqual("Not", MemberNames.WithoutAsync(typeof(Target).GetMethod(nameof(Target.NotAsync))!));
    }

    private static CallExpression OfMethod<T>(Expression<Action<T>> lambda) => CallExpression.OfMethod(lambda);

    private interface ITarget
    {
        int Number();
    }

    private sealed class Holder
    {
        public string Value { get; init; } = "";
    }

    private sealed class Target : ITarget
    {
        public int State => 1;

        public static int Static(int a) => a;

        public Task<string> RunAsync(int a, string b) => Task.FromResult(b + a);

        public void Wide(long a) => _ = a;

        public void Maybe(int? a) => _ = a;

        public void Any(object? a) => _ = a;

        public int Number() => 1;

        public void NotAsync() => _ = State;
    }
}
