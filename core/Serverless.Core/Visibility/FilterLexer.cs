using System.Text;

namespace Serverless.Visibility;

internal enum FilterTokenKind
{
    Word,
    QuotedName,
    Text,
    Number,

    /// <summary>Digits with units, such as 1d or 2h30m.</summary>
    Duration,
    Symbol,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text, without quotes and escapes.</param>
/// <param name="Position">Where it begins.</param>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Text, int Position)
{
    public bool Is(string keyword) => Kind == FilterTokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind == FilterTokenKind.Symbol && Text == symbol;

    public string Shown => Kind switch
    {
        FilterTokenKind.End => "the end",
        FilterTokenKind.Text => $"the text '{Text}'",
        _ => $"'{Text}'",
    };
}

/// <summary>Cuts a filter into tokens.</summary>
internal static class FilterLexer
{
    private static readonly string[] Symbols = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "-", "+"];

    public static List<FilterToken> Read(string text)
    {
        var tokens = new List<FilterToken>();
        var position = 0;
        while (true)
        {
            while (position < text.Length && char.IsWhiteSpace(text[position]))
            {
                position++;
            }

            if (position == text.Length)
            {
                tokens.Add(new FilterToken(FilterTokenKind.End, "", position));
                return tokens;
            }

            tokens.Add(Next(text, ref position));
        }
    }

    public static bool IsName(string name) => name.Length > 0 && IsNameStart(name[0]) && name.All(IsNamePart);

    private static FilterToken Next(string text, ref int position)
    {
        var start = position;
        var c = text[start];
        if (IsNameStart(c))
        {
            position = Run(text, start, IsNamePart);
            return new FilterToken(FilterTokenKind.Word, text[start..position], start);
        }

        if (c is '\'' or '"' or '`')
        {
            var content = Quoted(text, ref position);
            return new FilterToken(c == '`' ? FilterTokenKind.QuotedName : FilterTokenKind.Text, content, start);
        }

        if (char.IsAsciiDigit(c))
        {
            return Number(text, ref position);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0)
            {
                position += symbol.Length;
                return new FilterToken(FilterTokenKind.Symbol, symbol, start);
            }
        }

        throw FilterError.At(start, $"The character '{c}' has no meaning here. Names are letters, digits, '_' and '.', or anything in back-ticks; texts stand in quotes.");
    }

    private static FilterToken Number(string text, ref int position)
    {
        var start = position;
        position = Run(text, start, char.IsAsciiDigit);
        if (position + 1 < text.Length && text[position] == '.' && char.IsAsciiDigit(text[position + 1]))
        {
            position = Run(text, position + 1, char.IsAsciiDigit);
        }

        if (position < text.Length && text[position] is 'e' or 'E')
        {
            var exponent = position + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-')
            {
                exponent++;
            }

            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                position = Run(text, exponent, char.IsAsciiDigit);
                return new FilterToken(FilterTokenKind.Number, text[start..position], start);
            }
        }

        if (position < text.Length && IsNamePart(text[position]))
        {
            position = Run(text, position, IsNamePart);
            return new FilterToken(FilterTokenKind.Duration, text[start..position], start);
        }

        return new FilterToken(FilterTokenKind.Number, text[start..position], start);
    }

    /// <summary>A quote within is written twice or after a backslash; a backslash before anything else is itself.</summary>
    private static string Quoted(string text, ref int position)
    {
        var start = position;
        var quote = text[start];
        var content = new StringBuilder();
        for (position++; position < text.Length; position++)
        {
            var c = text[position];
            var next = position + 1 < text.Length ? text[position + 1] : '\0';
            if (c == '\\' && quote != '`' && (next == quote || next == '\\'))
            {
                content.Append(next);
                position++;
            }
            else if (c != quote)
            {
                content.Append(c);
            }
            else if (next == quote)
            {
                content.Append(quote);
                position++;
            }
            else
            {
                position++;
                return content.ToString();
            }
        }

        throw FilterError.At(start, $"The quote {quote} is not closed.");
    }

    private static int Run(string text, int position, Func<char, bool> accepts)
    {
        while (position < text.Length && accepts(text[position]))
        {
            position++;
        }

        return position;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';
}

internal static class FilterError
{
    public static FilterSyntaxException At(int position, string message) => new($"Filter, position {position}: {message}", position);
}
