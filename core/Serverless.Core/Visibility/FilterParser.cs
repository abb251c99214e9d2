using Superpower.Model;

namespace Serverless.Visibility;

/// <summary>
/// Reads list filters. Keywords in any case, names exactly. Without a table of custom attributes every unknown name is a custom attribute, typed by each workflow's value;
/// with one, a name that is not in it is an error.
/// </summary>
internal static class FilterParser
{
    public const int MaxLength = 4096;
    public const int MaxNesting = 64;

    /// <summary>Null, empty and blank text match everything.</summary>
    /// <exception cref="FilterSyntaxException">The text is not a filter; the message says where and what was expected.</exception>
    public static ListFilter Parse(string? text, IReadOnlyDictionary<string, FilterType>? customAttributes = null)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return ListFilter.All;
        }

        if (text.Length > MaxLength)
        {
            throw FilterError.At(MaxLength, $"The filter has {text.Length} characters; at most {MaxLength} are allowed.");
        }

        var result = new FilterGrammar(customAttributes).Filter(FilterTokens.Read(text));
        return result.HasValue ? result.Value : throw Unexpected(result, text.Length);
    }

    private static FilterSyntaxException Unexpected(TokenListParserResult<FilterToken, ListFilter> result, int end)
    {
        var expected = string.Join(" or ", result.Expectations ?? []);
        if (result.Remainder.IsAtEnd)
        {
            return FilterError.At(end, $"Found the end, expected {expected}.");
        }

        var found = result.Remainder.ConsumeToken().Value;
        var shown = found.Kind == FilterToken.Text ? $"the text {found.ToStringValue()}" : $"'{found.ToStringValue()}'";
        return FilterError.At(found.Position.Absolute, $"Found {shown}, expected {expected}.");
    }
}
