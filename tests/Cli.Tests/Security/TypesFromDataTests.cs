using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Cli.Tests.Security;

/// <summary>No name that stands in data is ever looked up as a type: the compiled product has no call that could.</summary>
[TestClass]
public sealed class TypesFromDataTests
{
    private static readonly string[] _product = ["Serverless.Core", "Serverless.Storage.Azure", "Serverless.Storage.Sqlite", "Serverless.Functions", "Serverless.Cli"];

    /// <summary>Methods that find or load code by a name or from bytes. With "(string": only those of their overloads that take a name first.</summary>
    private static readonly string[] _forbidden =
    [
        "System.Type.GetType(string", "System.Type.GetTypeFromProgID", "System.Type.GetTypeFromCLSID", "System.Type.ReflectionOnlyGetType",
        "System.Reflection.Assembly.GetType(string", "System.Reflection.Assembly.Load", "System.Reflection.Assembly.LoadFrom", "System.Reflection.Assembly.LoadFile",
        "System.Reflection.Assembly.UnsafeLoadFrom", "System.Reflection.Assembly.LoadWithPartialName", "System.Reflection.Assembly.CreateInstance", "System.Reflection.Module.GetType(string",
        "System.Activator.CreateInstance(string", "System.Activator.CreateInstanceFrom", "System.AppDomain.CreateInstance", "System.AppDomain.Load", "System.AppDomain.ExecuteAssembly",
        "System.Runtime.Loader.AssemblyLoadContext.", "System.Runtime.Serialization.Formatters.Binary.BinaryFormatter.", "System.Runtime.Serialization.NetDataContractSerializer.",
        "System.Runtime.Serialization.DataContractSerializer.", "System.Xml.Serialization.XmlSerializer.",
    ];

    [TestMethod]
    public void Product_HasNoCallThatFindsCodeByName()
    {
        foreach (var name in _product)
        {
            var calls = Calls(name);

            Assert.IsNotEmpty(calls);
            Assert.IsEmpty(calls.Where(IsForbidden).ToList(), $"{name}: {string.Join(", ", calls.Where(IsForbidden))}");
        }
    }

    /// <summary>The check finds what it is there to find: this assembly makes such calls.</summary>
    [TestMethod]
    public void Check_FindsSuchCalls()
    {
        var found = Calls("Cli.Tests").Where(IsForbidden).ToList();

        CollectionAssert.Contains(found, "System.Type.GetType(string)");
        CollectionAssert.Contains(found, "System.Activator.CreateInstance(string, string)");
        CollectionAssert.DoesNotContain(found, "System.Activator.CreateInstance(System.Type)");
        Assert.IsNull(Type.GetType("no.such.type"));
        Assert.ThrowsExactly<FileNotFoundException>(static () => Activator.CreateInstance("no.such.assembly", "no.such.type"));
        var type = typeof(object);
        Assert.IsNotNull(Activator.CreateInstance(type));
    }

    /// <summary>JSON with a type discriminator chooses among the kinds of failures, which are a closed list; nothing else is polymorphic.</summary>
    [TestMethod]
    public void Polymorphism_IsTheClosedListOfFailuresOnly()
    {
        var users = _product.SelectMany(static name => Calls(name).Select(call => (Name: name, call)))
            .Where(static use => use.call.Contains("JsonDerivedType", StringComparison.Ordinal) || use.call.Contains("JsonPolymorphic", StringComparison.Ordinal))
            .Select(static use => $"{use.Name}: {use.call}").ToList();

        CollectionAssert.AreEqual(new[] { "Serverless.Core: System.Text.Json.Serialization.Metadata.JsonDerivedType..ctor(System.Type, string)" }, users
            .Where(static use => use.Contains(".ctor", StringComparison.Ordinal)).ToList());
    }

    private static bool IsForbidden(string call) => _forbidden.Any(forbidden =>
        call.StartsWith(forbidden, StringComparison.Ordinal) && (forbidden[^1] is '.' or '(' || forbidden.EndsWith("(string", StringComparison.Ordinal) || call[forbidden.Length] is '('));

    /// <summary>Every method of other assemblies that this one refers to, with its parameters.</summary>
    private static List<string> Calls(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
        var metadata = file.GetMetadataReader();
        return [.. metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(static member => member.GetKind() == MemberReferenceKind.Method && member.Parent.Kind == HandleKind.TypeReference)
            .Select(member =>
            {
                var parent = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
                var parameters = member.DecodeMethodSignature(new Names(metadata), null).ParameterTypes;
                return $"{metadata.GetString(parent.Namespace)}.{metadata.GetString(parent.Name)}.{metadata.GetString(member.Name)}({string.Join(", ", parameters)})";
            })];
    }

    private sealed class Names(MetadataReader metadata) : ISignatureTypeProvider<string, object?>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString().ToLowerInvariant();

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = metadata.GetTypeReference(handle);
            return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
        }

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => metadata.GetString(metadata.GetTypeDefinition(handle).Name);

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => "?";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[]";

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetByReferenceType(string elementType) => $"{elementType}&";

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "method";
    }
}
