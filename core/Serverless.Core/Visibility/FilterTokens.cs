using Superpower;
using Superpower.Model;
using Superpower.Parsers;
using Superpower.Tokenizers;

namespace Serverless.Visibility;

internal enum FilterToken
{
    Word,
    QuotedName,
    Text,
    Number,

    /// <summary>Digits with units, such as 1d or 2h30m.</summary>
    Duration,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Open,
    Close,
    Comma,
    Minus,
    Plus,

    /// <summary>From a quote that is not closed to the end.</summary>
    Unclosed,

    /// <summary>A character that begins nothing.</summary>
    Unknown,
}

/// <summary>The tokens of filters. Every text can be cut into them: what is wrong is a token of its own kind.</summary>
internal static class FilterTokens
{
    private static readonly HashSet<string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        "AND", "OR", "NOT", "IN", "BETWEEN", "STARTS_WITH", "IS", "NULL", "ORDER", "GROUP", "BY", "ASC", "DESC", "TRUE", "FALSE",
    };

    private static readonly TextParser<Unit> Word =
        Character.Matching(IsNameStart, "a letter").IgnoreThen(Character.Matching(IsNamePart, "a letter or digit").IgnoreMany());

    private static readonly TextParser<Unit> Digits =
        Character.Matching(char.IsAsciiDigit, "a digit").IgnoreThen(Character.Matching(char.IsAsciiDigit, "a digit").IgnoreMany());

    private static readonly TextParser<Unit> Decimal =
        Digits.IgnoreThen(Character.EqualTo('.').IgnoreThen(Digits).Try().OptionalOrDefault());

    private static readonly TextParser<Unit> Exponent =
        Character.In('e', 'E').IgnoreThen(Character.In('+', '-').OptionalOrDefault()).IgnoreThen(Digits);

    /// <summary>The content of a text in quotes.</summary>
    public static TextParser<string> Text { get; } = Quoted('\'', escaped: true).Or(Quoted('"', escaped: true));

    /// <summary>The name in back-ticks.</summary>
    public static TextParser<string> QuotedName { get; } = Quoted('`', escaped: false);

    /// <summary>The first that matches counts: a number with an exponent before a duration, both before a number without.</summary>
    private static Tokenizer<FilterToken> Tokenizer { get; } = new TokenizerBuilder<FilterToken>()
        .Ignore(Span.WhiteSpace)
        .Match(Word, FilterToken.Word)
        .Match(QuotedName, FilterToken.QuotedName)
        .Match(Text, FilterToken.Text)
        .Match(Decimal.IgnoreThen(Exponent), FilterToken.Number)
        .Match(Decimal.IgnoreThen(Character.Matching(IsNamePart, "a unit").AtLeastOnce()), FilterToken.Duration)
        .Match(Decimal, FilterToken.Number)
        .Match(Span.EqualTo("!=").Or(Span.EqualTo("<>").Try()), FilterToken.NotEqual)
        .Match(Span.EqualTo("<="), FilterToken.LessOrEqual)
        .Match(Span.EqualTo(">="), FilterToken.GreaterOrEqual)
        .Match(Character.EqualTo('='), FilterToken.Equal)
        .Match(Character.EqualTo('<'), FilterToken.Less)
        .Match(Character.EqualTo('>'), FilterToken.Greater)
        .Match(Character.EqualTo('('), FilterToken.Open)
        .Match(Character.EqualTo(')'), FilterToken.Close)
        .Match(Character.EqualTo(','), FilterToken.Comma)
        .Match(Character.EqualTo('-'), FilterToken.Minus)
        .Match(Character.EqualTo('+'), FilterToken.Plus)
        .Match(Character.In('\'', '"', '`').IgnoreThen(Character.AnyChar.IgnoreMany()), FilterToken.Unclosed)
        .Match(Character.AnyChar, FilterToken.Unknown)
        .Build();

    /// <exception cref="FilterSyntaxException">A part of it is no token.</exception>
    public static TokenList<FilterToken> Read(string text)
    {
        var tokens = Tokenizer.Tokenize(text);
        foreach (var token in tokens)
        {
            if (token.Kind == FilterToken.Unclosed)
            {
                throw FilterError.At(token.Position.Absolute, $"The quote {text[token.Position.Absolute]} is not closed.");
            }

            if (token.Kind == FilterToken.Unknown)
            {
                throw FilterError.At(
                    token.Position.Absolute,
                    $"The character '{token.ToStringValue()}' has no meaning here. Names are letters, digits, '_' and '.', or anything in back-ticks; texts stand in quotes.");
            }
        }

        return tokens;
    }

    /// <summary>Reads one keyword, in any case.</summary>
    public static TokenListParser<FilterToken, Token<FilterToken>> Keyword(string word) =>
        Token.EqualToValueIgnoreCase(FilterToken.Word, word).Named(word);

    public static bool IsKeyword(string word) => Keywords.Contains(word);

    /// <summary>True for a name that needs no back-ticks.</summary>
    public static bool IsPlainName(string name) => name.Length > 0 && IsNameStart(name[0]) && name.All(IsNamePart) && !IsKeyword(name);

    /// <summary>A quote within is written twice or, where there are escapes, after a backslash; a backslash before anything else is itself.</summary>
    private static TextParser<string> Quoted(char quote, bool escaped)
    {
        var twice = Character.EqualTo(quote).IgnoreThen(Character.EqualTo(quote)).Try();
        var part = twice.Or(Character.Except(quote));
        return (escaped ? Character.EqualTo('\\').IgnoreThen(Character.In(quote, '\\')).Try().Or(part) : part)
            .Many()
            .Between(Character.EqualTo(quote), Character.EqualTo(quote))
            .Text();
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';
}

internal static class FilterError
{
    public static FilterSyntaxException At(int position, string message) => new($"Filter, position {position}: {message}", position);
}
