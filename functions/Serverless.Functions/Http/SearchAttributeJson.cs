using System.Text.Json;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Functions.Http;

/// <summary>Search attributes of a start: their type is that of the JSON value.</summary>
internal static class SearchAttributeJson
{
    /// <exception cref="ApiException">A value has no such type.</exception>
    public static Payload Encode(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => SearchAttributeEncoding.Encode(SearchAttributeKey.CreateKeyword(name), value.GetString()!),
        JsonValueKind.True or JsonValueKind.False => SearchAttributeEncoding.Encode(SearchAttributeKey.CreateBool(name), value.GetBoolean()),
        JsonValueKind.Number when value.TryGetInt64(out var whole) => SearchAttributeEncoding.Encode(SearchAttributeKey.CreateLong(name), whole),
        JsonValueKind.Number => SearchAttributeEncoding.Encode(SearchAttributeKey.CreateDouble(name), value.GetDouble()),
        JsonValueKind.Array when value.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String) =>
            SearchAttributeEncoding.Encode(SearchAttributeKey.CreateKeywordList(name), value.EnumerateArray().Select(word => word.GetString()!).ToArray()),
        _ => throw new ApiException(400, ProblemCodes.InvalidRequest,
            $"options.searchAttributes.{name}: a search attribute is a text, a number, true or false, or a list of texts."),
    };
}
