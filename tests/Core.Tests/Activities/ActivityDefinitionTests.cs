using Serverless.Activities;
using Serverless.Converters;

namespace Core.Tests.Activities;

[TestClass]
public sealed class ActivityDefinitionTests
{
    [TestMethod]
    public void CreateAll_FindsAttributedMethodsAndNamesThem()
    {
        var names = ActivityDefinition.CreateAll(new Sample()).Select(definition => definition.Name ?? "(dynamic)").Order(StringComparer.Ordinal);

        CollectionAssert.AreEqual(new[] { "(dynamic)", "Add", "Default", "Later", "Void", "given" }, names.ToArray());
    }

    [TestMethod]
    public async Task InvokeAsync_EveryKindOfMethod_GivesItsResult()
    {
        var all = ActivityDefinition.CreateAll(new Sample()).Where(d => !d.Dynamic).ToDictionary(d => d.Name!);

        Assert.AreEqual(3, await all["Add"].InvokeAsync([1, 2]));
        Assert.AreEqual("x", await all["given"].InvokeAsync(["x"]));
        Assert.AreEqual(4L, await all["Later"].InvokeAsync([]));
        Assert.IsNull(await all["Void"].InvokeAsync([]));
    }

    [TestMethod]
    public async Task InvokeAsync_ThrowingMethod_ThrowsItsOwnException()
    {
        [Activity("boom")]
        static void Boom() => throw new FormatException("no");

        await Assert.ThrowsExactlyAsync<FormatException>(() => ActivityDefinition.Create(Boom).InvokeAsync([]));
    }

    [TestMethod]
    public void Create_LocalFunction_IsNamedAfterIt()
    {
        [Activity]
        static Task WorkAsync() => Task.CompletedTask;

        Assert.AreEqual("Work", ActivityDefinition.Create(WorkAsync).Name);
    }

    [TestMethod]
    public void Create_WhatCanBeNoActivity_IsRefused()
    {
        static void NoAttribute()
        {
        }

        Assert.ThrowsExactly<ArgumentException>(() => ActivityDefinition.Create(NoAttribute));
        Assert.ThrowsExactly<ArgumentException>(() => ActivityDefinition.Create([Activity] () => 1));
        Assert.ThrowsExactly<ArgumentException>(() => ActivityDefinition.CreateAll("no activities"));
        Assert.ThrowsExactly<InvalidOperationException>(() => ActivityDefinition.CreateAll<Sample>(null));
        Assert.ThrowsExactly<ArgumentException>(() => ActivityDefinition.Create(null, typeof(void), [typeof(int)], 1, _ => null));
        Assert.ThrowsExactly<ArgumentException>(() => ActivityDefinition.Create("a", typeof(void), [typeof(int)], 2, _ => null));
    }

    [TestMethod]
    public void NameFromMethodForCall_Dynamic_IsRefused()
    {
        Assert.AreEqual("given", ActivityDefinition.NameFromMethodForCall(typeof(Sample).GetMethod(nameof(Sample.EchoAsync))!));
        Assert.ThrowsExactly<ArgumentException>(() => ActivityDefinition.NameFromMethodForCall(typeof(Sample).GetMethod(nameof(Sample.Any))!));
    }

    private sealed class Sample
    {
        [Activity]
        public static int Add(int a, int b) => a + b;

        [Activity("given")]
        public async Task<string> EchoAsync(string text)
        {
            await Task.Yield();
            return text;
        }

        [Activity]
        public async ValueTask<long> LaterAsync()
        {
            await Task.Yield();
            return 4;
        }

        [Activity]
        public async Task VoidAsync() => await Task.Yield();

        [Activity]
        public int Default(int a, int b = 5, TimeSpan c = default) => a + b + (int)c.TotalSeconds;

        [Activity(Dynamic = true)]
        public int Any(IRawValue[] args) => args.Length;
    }
}
