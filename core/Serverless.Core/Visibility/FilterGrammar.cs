using System.Runtime.CompilerServices;
using Superpower;
using Superpower.Model;
using Superpower.Parsers;

namespace Serverless.Visibility;

/// <summary>
/// The grammar of list filters. One token decides which way to go, nothing is read twice, so that what is wrong with a name or a value is thrown where it is found.
/// A part that is nested knows its depth: no text makes the parser recurse deeper than the limit.
/// </summary>
internal sealed class FilterGrammar
{
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> And = FilterTokens.Keyword("AND");
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Or = FilterTokens.Keyword("OR");
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Not = FilterTokens.Keyword("NOT");
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> In = FilterTokens.Keyword("IN");
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Between = FilterTokens.Keyword("BETWEEN");
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> StartsWith = FilterTokens.Keyword("STARTS_WITH");
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Open = Token.EqualTo(FilterToken.Open).Named("'('");
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Close = Token.EqualTo(FilterToken.Close);
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Comma = Token.EqualTo(FilterToken.Comma);
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> OrderBy = FilterTokens.Keyword("ORDER").IgnoreThen(FilterTokens.Keyword("BY"));
    private static readonly TokenListParser<FilterToken, Token<FilterToken>> GroupBy = FilterTokens.Keyword("GROUP").IgnoreThen(FilterTokens.Keyword("BY"));
    private static readonly TokenListParser<FilterToken, bool> IsNull = FilterTokens.Keyword("IS").IgnoreThen(Optional(Not)).Then(not => FilterTokens.Keyword("NULL").Value(not));
    private static readonly TokenListParser<FilterToken, bool> Descending = FilterTokens.Keyword("DESC").Value(true).Or(FilterTokens.Keyword("ASC").Value(false)).OptionalOrDefault();

    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Name = Token.EqualTo(FilterToken.QuotedName)
        .Or(Token.EqualTo(FilterToken.Word).Where(word => !FilterTokens.IsKeyword(word.ToStringValue())))
        .Named("the name of an attribute");

    private static readonly TokenListParser<FilterToken, Token<FilterToken>> Comparison =
        Token.Matching<FilterToken>(kind => OperatorOf(kind) is not null, "an operator");

    private readonly IReadOnlyDictionary<string, FilterType>? _custom;

    /// <param name="custom">Custom attributes and their types; null when only the workflows know them.</param>
    public FilterGrammar(IReadOnlyDictionary<string, FilterType>? custom)
    {
        _custom = custom;
        Filter = Ordered(null)
            .Or(Grouped(null))
            .Or(Either(0).Then(condition => Ordered(condition)
                .Or(Grouped(condition))
                .Or(End("").Value(new ListFilter(condition, [], null)))
                .Named("AND, OR, ORDER BY, GROUP BY or the end")))
            .Named("the name of an attribute, NOT or '('");
    }

    /// <summary>A whole filter that is not blank.</summary>
    public TokenListParser<FilterToken, ListFilter> Filter { get; }

    private TokenListParser<FilterToken, ListFilter> Ordered(FilterNode? condition) =>
        from columns in OrderColumns()
        from more in GroupColumn().OptionalOrDefault()
        from end in End(more is null ? "',', GROUP BY or the end" : "the end")
        select new ListFilter(condition, columns, more);

    private TokenListParser<FilterToken, ListFilter> Grouped(FilterNode? condition) =>
        from column in GroupColumn()
        from more in OrderColumns().OptionalOrDefault([])
        from end in End(more.Length == 0 ? "ORDER BY or the end" : "',' or the end")
        select new ListFilter(condition, more, column);

    private TokenListParser<FilterToken, FilterNode> Either(int depth) =>
        Both(depth).AtLeastOnceDelimitedBy(Or).Select(operands => operands.Length == 1 ? operands[0] : new FilterNode.Or(operands));

    private TokenListParser<FilterToken, FilterNode> Both(int depth) =>
        Operand(depth).AtLeastOnceDelimitedBy(And).Select(operands => operands.Length == 1 ? operands[0] : new FilterNode.And(operands));

    private TokenListParser<FilterToken, FilterNode> Operand(int depth) =>
        Not.Then(not => Operand(Below(depth, not)).Select(FilterNode (operand) => new FilterNode.Not(operand)))
            .Or(Open.Then(open =>
                from inner in Either(Below(depth, open))
                from close in Close.Named($"AND, OR or ')' for the '(' at position {PositionOf(open)}")
                select inner))
            .Or(Name.Then(name => Condition(Resolve(name))))
            .Named("the name of an attribute, NOT or '('");

    /// <summary>Code that is not optimized yet takes far more of the stack for each level: a thread with a small one must not die of a filter.</summary>
    private static int Below(int depth, Token<FilterToken> token) =>
        depth >= FilterParser.MaxNesting ? throw FilterError.At(PositionOf(token), $"More than {FilterParser.MaxNesting} levels of parentheses and NOT.")
        : RuntimeHelpers.TryEnsureSufficientExecutionStack() ? depth + 1
        : throw FilterError.At(PositionOf(token), "Too many levels of parentheses and NOT for the stack of this thread.");

    private static TokenListParser<FilterToken, FilterNode> Condition(FilterAttribute attribute) =>
        IsNull.Select(FilterNode (negated) => new FilterNode.IsNull(attribute, negated))
            .Or(Not.Then(not => Search(attribute, not).Named("IN, BETWEEN or STARTS_WITH after NOT")))
            .Or(Search(attribute, null))
            .Or(Comparison.Then(symbol => Compare(attribute, symbol)))
            .Named($"an operator after {attribute.Name}: =, !=, <, <=, >, >=, [NOT] IN, [NOT] BETWEEN, [NOT] STARTS_WITH or IS [NOT] NULL");

    private static TokenListParser<FilterToken, FilterNode> Compare(FilterAttribute attribute, Token<FilterToken> symbol)
    {
        var op = OperatorOf(symbol.Kind)!.Value;
        Check(attribute, symbol, symbol.ToStringValue(), type => FilterAttributes.Allows(type, op));
        return Value(attribute).Select(FilterNode (value) => new FilterNode.Compare(attribute, op, value));
    }

    /// <summary>The operators that NOT can stand before.</summary>
    private static TokenListParser<FilterToken, FilterNode> Search(FilterAttribute attribute, Token<FilterToken>? not) =>
        In.Then(word => Among(attribute, not ?? word, not is not null))
            .Or(Between.Then(word => Range(attribute, not ?? word, not is not null)))
            .Or(StartsWith.Then(word => Prefix(attribute, not ?? word, not is not null)));

    private static TokenListParser<FilterToken, FilterNode> Among(FilterAttribute attribute, Token<FilterToken> operation, bool negated)
    {
        Check(attribute, operation, "IN", FilterAttributes.AllowsIn);
        return from open in Open
               from values in Value(attribute).AtLeastOnceDelimitedBy(Comma)
               from close in Close.Named("',' or ')'")
               select (FilterNode)new FilterNode.In(attribute, values, negated);
    }

    private static TokenListParser<FilterToken, FilterNode> Range(FilterAttribute attribute, Token<FilterToken> operation, bool negated)
    {
        Check(attribute, operation, "BETWEEN", FilterAttributes.AllowsBetween);
        return from low in Value(attribute)
               from and in And
               from high in Value(attribute)
               select (FilterNode)new FilterNode.Between(attribute, low, high, negated);
    }

    private static TokenListParser<FilterToken, FilterNode> Prefix(FilterAttribute attribute, Token<FilterToken> operation, bool negated)
    {
        Check(attribute, operation, "STARTS_WITH", FilterAttributes.AllowsStartsWith);
        return FilterLiterals.Quoted.Select(FilterNode (prefix) => new FilterNode.StartsWith(attribute, prefix, negated));
    }

    private TokenListParser<FilterToken, FilterOrder[]> OrderColumns() =>
        OrderBy.IgnoreThen(Name.Then(OrderColumn).AtLeastOnceDelimitedBy(Comma));

    private TokenListParser<FilterToken, FilterOrder> OrderColumn(Token<FilterToken> name)
    {
        var attribute = Resolve(name);
        Check(attribute, name, "ORDER BY", FilterAttributes.AllowsOrder);
        return Descending.Select(descending => new FilterOrder(attribute, descending));
    }

    private TokenListParser<FilterToken, FilterAttribute?> GroupColumn() =>
        GroupBy.IgnoreThen(Name.Select(FilterAttribute? (name) => Resolve(name) is var attribute && FilterAttributes.Groupable.Contains(attribute.Name)
            ? attribute
            : throw FilterError.At(PositionOf(name), $"A count can't be grouped by {attribute.Name}, only by {string.Join(", ", FilterAttributes.Groupable)}.")));

    private FilterAttribute Resolve(Token<FilterToken> token)
    {
        var name = token.Kind == FilterToken.QuotedName ? FilterTokens.QuotedName.Parse(token.ToStringValue()) : token.ToStringValue();
        return FilterAttributes.Find(name, _custom)
            ?? throw FilterError.At(PositionOf(token), FilterAttributes.Resembling(name, _custom ?? new Dictionary<string, FilterType>()) is { } meant
                ? $"There is no attribute '{name}'; did you mean {meant}?"
                : $"There is no attribute '{name}'. Known are {string.Join(", ", FilterAttributes.Names(_custom))}.");
    }

    /// <summary>A literal, in its attribute's type.</summary>
    private static TokenListParser<FilterToken, FilterValue> Value(FilterAttribute attribute)
    {
        var expected = $"a value for {attribute.Name}: {FilterLiterals.Describe(attribute.Type)}";
        var literal = FilterLiterals.Unsigned.Or(FilterLiterals.Minus.IgnoreThen(FilterLiterals.Negative.Named(expected))).Named(expected);
        return input =>
        {
            var result = literal(input);
            return result.HasValue
                ? TokenListParserResult.Value(FilterLiterals.Typed(result.Value, attribute, PositionOf(input.ConsumeToken().Value)), input, result.Remainder)
                : result;
        };
    }

    private static void Check(FilterAttribute attribute, Token<FilterToken> token, string operation, Func<FilterType, bool> allows)
    {
        if (attribute.Type is { } type && !allows(type))
        {
            throw FilterError.At(PositionOf(token), $"{operation} can't be used with {attribute.Name}, which is of type {type}.");
        }
    }

    private static FilterOperator? OperatorOf(FilterToken kind) => kind switch
    {
        FilterToken.Equal => FilterOperator.Equal,
        FilterToken.NotEqual => FilterOperator.NotEqual,
        FilterToken.Less => FilterOperator.Less,
        FilterToken.LessOrEqual => FilterOperator.LessOrEqual,
        FilterToken.Greater => FilterOperator.Greater,
        FilterToken.GreaterOrEqual => FilterOperator.GreaterOrEqual,
        _ => null,
    };

    private static TokenListParser<FilterToken, bool> Optional(TokenListParser<FilterToken, Token<FilterToken>> word) => word.Value(true).OptionalOrDefault();

    private static TokenListParser<FilterToken, Unit> End(string expected) => input =>
        input.IsAtEnd ? TokenListParserResult.Value(Unit.Value, input, input) : TokenListParserResult.Empty<FilterToken, Unit>(input, [expected]);

    private static int PositionOf(Token<FilterToken> token) => token.Position.Absolute;
}
