using System.Globalization;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;

namespace Serverless.Visibility;

/// <summary>Literals of filters: reading them, giving them their attribute's type, writing them.</summary>
internal static class FilterLiterals
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK"];

    private static readonly TokenListParser<FilterToken, TimeSpan> Amount = Token.EqualTo(FilterToken.Duration).Select(Duration);

    private static readonly TokenListParser<FilterToken, FilterValue> Now = FilterTokens.Keyword("now")
        .IgnoreThen(Token.EqualTo(FilterToken.Open).Named("'('"))
        .IgnoreThen(Token.EqualTo(FilterToken.Close).Named("')'"))
        .IgnoreThen(Token.EqualTo(FilterToken.Minus).IgnoreThen(Offset().Select(offset => -offset))
            .Or(Token.EqualTo(FilterToken.Plus).IgnoreThen(Offset()))
            .OptionalOrDefault())
        .Select(FilterValue (offset) => new FilterValue.Now(offset));

    public static TokenListParser<FilterToken, Token<FilterToken>> Minus { get; } = Token.EqualTo(FilterToken.Minus);

    /// <summary>What can follow a minus.</summary>
    public static TokenListParser<FilterToken, FilterValue> Negative { get; } =
        Token.EqualTo(FilterToken.Number).Select(number => Number(number, "-")).Or(Amount.Select(FilterValue (span) => new FilterValue.Duration(-span)));

    public static TokenListParser<FilterToken, string> Quoted { get; } =
        Token.EqualTo(FilterToken.Text).Apply(FilterTokens.Text).Named("a text in quotes");

    /// <summary>A literal without a sign, as written.</summary>
    public static TokenListParser<FilterToken, FilterValue> Unsigned { get; } = Now
        .Or(Token.EqualTo(FilterToken.Number).Select(number => Number(number, "")))
        .Or(Amount.Select(FilterValue (span) => new FilterValue.Duration(span)))
        .Or(Quoted.Select(FilterValue (text) => new FilterValue.Text(text)))
        .Or(FilterTokens.Keyword("TRUE").Select(FilterValue (_) => new FilterValue.Bool(true)))
        .Or(FilterTokens.Keyword("FALSE").Select(FilterValue (_) => new FilterValue.Bool(false)));

    /// <summary>RFC 3339, with or without time of day; without an offset it is UTC. Digits beyond the tick are dropped.</summary>
    public static bool TryTime(string text, out DateTimeOffset value)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            text = end - dot > 8 ? text.Remove(dot + 8, end - dot - 8) : text;
        }

        return DateTimeOffset.TryParseExact(
            text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);
    }

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    /// <summary>The value in its attribute's type.</summary>
    /// <exception cref="FilterSyntaxException">It has another type.</exception>
    public static FilterValue Typed(FilterValue value, FilterAttribute attribute, int position) =>
        attribute.Type is not { } type
            ? value
            : Convert(value, type) ?? throw FilterError.At(position, $"{FilterPrinter.Print(value)} is not a value of {attribute.Name}; expected {Describe(type)}.");

    public static string Describe(FilterType? type) => type switch
    {
        FilterType.Keyword or FilterType.KeywordList or FilterType.Text => "a text in quotes",
        FilterType.Int => "a whole number",
        FilterType.Double => "a number",
        FilterType.Bool => "true or false",
        FilterType.Time => "a time such as '2026-11-01T00:00:00Z', nanoseconds since 1970, or now() - 1d",
        FilterType.Duration => "a duration such as 90s, '1h30m' or '01:30:00', or nanoseconds",
        FilterType.Status => "a status: " + string.Join(", ", Enum.GetNames<WorkflowExecutionStatus>().Skip(1).Select(n => $"'{n}'")),
        _ => "a text in quotes, a number, true, false, or now()",
    };

    private static FilterValue Number(Token<FilterToken> token, string sign)
    {
        var text = sign + token.ToStringValue();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return new FilterValue.Int(whole);
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new FilterValue.Double(number)
            : throw FilterError.At(token.Position.Absolute, $"The number {text} is out of range.");
    }

    private static TokenListParser<FilterToken, TimeSpan> Offset() => Amount.Named("a duration such as 1d, 2h30m or 90s");

    /// <summary>Reads 1d, 2h30m, 1.5s.</summary>
    private static TimeSpan Duration(Token<FilterToken> token) =>
        DurationText.TryParse(token.ToStringValue(), out var value)
            ? value
            : throw FilterError.At(
                token.Position.Absolute, $"'{token.ToStringValue()}' is not a duration; expected digits and units ({DurationText.UnitNames}) such as 1d or 2h30m.");

    private static FilterValue? Convert(FilterValue value, FilterType type) => (type, value) switch
    {
        (FilterType.Keyword or FilterType.KeywordList or FilterType.Text, FilterValue.Text) => value,
        (FilterType.Int, FilterValue.Int) => value,
        (FilterType.Double, FilterValue.Double) => value,
        (FilterType.Double, FilterValue.Int whole) => new FilterValue.Double(whole.Value),
        (FilterType.Bool, FilterValue.Bool) => value,
        (FilterType.Time, FilterValue.Now) => value,
        (FilterType.Time, FilterValue.Int nanoseconds) => new FilterValue.Time(DateTimeOffset.UnixEpoch.AddTicks(nanoseconds.Value / 100)),
        (FilterType.Time, FilterValue.Text text) => TryTime(text.Value, out var time) ? new FilterValue.Time(time) : null,
        (FilterType.Duration, FilterValue.Duration) => value,
        (FilterType.Duration, FilterValue.Int nanoseconds) => new FilterValue.Duration(TimeSpan.FromTicks(nanoseconds.Value / 100)),
        (FilterType.Duration, FilterValue.Text text) =>
            DurationText.TryParse(text.Value, out var span) || TimeSpan.TryParseExact(text.Value, [@"h\:mm\:ss", @"hh\:mm\:ss"], CultureInfo.InvariantCulture, out span)
                ? new FilterValue.Duration(span)
                : null,
        (FilterType.Status, FilterValue.Int number) => Status(number.Value),
        (FilterType.Status, FilterValue.Text text) =>
            Enum.GetNames<WorkflowExecutionStatus>().Contains(text.Value) ? Status((long)Enum.Parse<WorkflowExecutionStatus>(text.Value)) : null,
        _ => null,
    };

    private static FilterValue.Status? Status(long number) =>
        number is >= (long)WorkflowExecutionStatus.Running and <= (long)WorkflowExecutionStatus.Paused
            ? new FilterValue.Status((WorkflowExecutionStatus)number)
            : null;
}
