using System.Text;
using Serverless.Converters;

namespace Core.Tests.Converters;

[TestClass]
public sealed class TransferTypeTests
{
    private static readonly DefaultPayloadConverter s_converter = new();

    [TestMethod]
    public void MarkedTypes_AreWrittenAndReadInTheirOtherForm()
    {
        Assert.AreEqual("\"base:x\"", Written(new Named("x")));
        Assert.AreEqual(new Named("x"), s_converter.ToValue<Named>(s_converter.ToPayload(new Named("x"))));
        Assert.AreEqual("7", Written(new Counted(7)));
        Assert.AreEqual(new Counted(7), s_converter.ToValue<Counted>(s_converter.ToPayload(new Counted(7))));
    }

    [TestMethod]
    public void DerivedTypes_HaveTheirOwnMarkOrNone()
    {
        Assert.AreEqual("""{"Name":"x"}""", Written(new Plain("x")));
        Assert.AreEqual("\"derived:x\"", Written(new Marked("x")));
        Assert.AreEqual(new Marked("x"), s_converter.ToValue<Marked>(s_converter.ToPayload(new Marked("x"))));
    }

    [TestMethod]
    public void NullOtherForm_IsWrittenAsNullAndReadFromIt()
    {
        var payload = s_converter.ToPayload(new Absent());

        Assert.AreEqual("binary/null", payload.Metadata["encoding"].ToStringUtf8());
        Assert.IsInstanceOfType<Absent>(s_converter.ToValue(payload, typeof(Absent)));
    }

    [TestMethod]
    [DataRow(typeof(ByNone), "does not implement ITemporalTransferTypeConverter")]
    [DataRow(typeof(ByAbstract), "is abstract")]
    [DataRow(typeof(ByOpen), "is an open generic type")]
    [DataRow(typeof(ByArgument), "has no public parameterless constructor")]
    [DataRow(typeof(ByTypeless), "has no transfer type")]
    public void MarkThatNamesNoConverter_IsRefused(Type type, string problem)
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => s_converter.ToPayload(Activator.CreateInstance(type)));
        StringAssert.Contains(error.Message, problem);
        StringAssert.Contains(error.Message, type.Name);
    }

    private static string Written(object value) => Encoding.UTF8.GetString(s_converter.ToPayload(value).Data.Span);

    [TemporalTransferTypeConverter(typeof(Base))]
    private record Named(string Name);

    private sealed record Plain(string Name) : Named(Name);

    [TemporalTransferTypeConverter(typeof(Derived))]
    private sealed record Marked(string Name) : Named(Name);

    [TemporalTransferTypeConverter(typeof(Counter))]
    private readonly record struct Counted(int Count);

    [TemporalTransferTypeConverter(typeof(Nothing))]
    private sealed record Absent;

    [TemporalTransferTypeConverter(typeof(string))]
    private sealed record ByNone;

    [TemporalTransferTypeConverter(typeof(Converter))]
    private sealed record ByAbstract;

    [TemporalTransferTypeConverter(typeof(Open<>))]
    private sealed record ByOpen;

    [TemporalTransferTypeConverter(typeof(Prefix))]
    private sealed record ByArgument;

    [TemporalTransferTypeConverter(typeof(Typeless))]
    private sealed record ByTypeless;

    private sealed class Base() : Prefix("base:", static name => new Named(name));

    private sealed class Derived() : Prefix("derived:", static name => new Marked(name));

    private abstract class Converter : ITemporalTransferTypeConverter
    {
        public abstract Type TransferType { get; }

        public abstract object? ToTransferType(object? value);

        public abstract object? FromTransferType(object? transferType);
    }

    private class Prefix(string prefix, Func<string, Named> create) : Converter
    {
        public override Type TransferType => typeof(string);

        public override object? ToTransferType(object? value) => prefix + ((Named)value!).Name;

        public override object? FromTransferType(object? transferType) => create(((string)transferType!)[prefix.Length..]);
    }

    private sealed class Open<T> : Converter
    {
        public override Type TransferType => typeof(T);

        public override object? ToTransferType(object? value) => value;

        public override object? FromTransferType(object? transferType) => transferType;
    }

    private sealed class Counter : Converter
    {
        public override Type TransferType => typeof(int);

        public override object? ToTransferType(object? value) => ((Counted)value!).Count;

        public override object? FromTransferType(object? transferType) => new Counted((int)transferType!);
    }

    private sealed class Nothing : Converter
    {
        public override Type TransferType => typeof(string);

        public override object? ToTransferType(object? value) => null;

        public override object? FromTransferType(object? transferType) => new Absent();
    }

    private sealed class Typeless : Converter
    {
        public override Type TransferType => null!;

        public override object? ToTransferType(object? value) => value;

        public override object? FromTransferType(object? transferType) => transferType;
    }
}
