namespace Serverless.Visibility;

/// <summary>
/// Reads list filters. Keywords in any case, names exactly. Without a table of custom attributes every unknown name is a custom attribute, typed by each workflow's value;
/// with one, a name that is not in it is an error.
/// </summary>
internal sealed class FilterParser
{
    public const int MaxLength = 4096;
    public const int MaxNesting = 64;

    private static readonly string[] Keywords =
        ["AND", "OR", "NOT", "IN", "BETWEEN", "STARTS_WITH", "IS", "NULL", "ORDER", "GROUP", "BY", "ASC", "DESC", "TRUE", "FALSE"];

    private readonly List<FilterToken> _tokens;
    private readonly IReadOnlyDictionary<string, FilterType>? _custom;
    private int _next;
    private int _nesting;

    private FilterParser(List<FilterToken> tokens, IReadOnlyDictionary<string, FilterType>? custom)
    {
        _tokens = tokens;
        _custom = custom;
    }

    private FilterToken Current => _tokens[_next];

    /// <summary>Null, empty and blank text match everything.</summary>
    /// <exception cref="FilterSyntaxException">The text is not a filter; the message says where and what was expected.</exception>
    public static ListFilter Parse(string? text, IReadOnlyDictionary<string, FilterType>? customAttributes = null)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return ListFilter.All;
        }

        return text.Length <= MaxLength
            ? new FilterParser(FilterLexer.Read(text), customAttributes).Filter()
            : throw FilterError.At(MaxLength, $"The filter has {text.Length} characters; at most {MaxLength} are allowed.");
    }

    public static bool IsKeyword(string word) => Keywords.Contains(word, StringComparer.OrdinalIgnoreCase);

    private ListFilter Filter()
    {
        var condition = Current.Is("ORDER") || Current.Is("GROUP") ? null : Or();
        List<FilterOrder>? order = null;
        FilterAttribute? group = null;
        while (Current.Kind != FilterTokenKind.End)
        {
            if (order is null && Accept("ORDER"))
            {
                Expect("BY");
                order = [OrderColumn()];
                while (AcceptSymbol(","))
                {
                    order.Add(OrderColumn());
                }
            }
            else if (group is null && Accept("GROUP"))
            {
                Expect("BY");
                group = GroupColumn();
            }
            else
            {
                throw Unexpected(condition is null ? "the end" : "AND, OR, ORDER BY, GROUP BY or the end");
            }
        }

        return new ListFilter(condition, order ?? [], group);
    }

    private FilterNode Or()
    {
        List<FilterNode> operands = [And()];
        while (Accept("OR"))
        {
            operands.Add(And());
        }

        return operands.Count == 1 ? operands[0] : new FilterNode.Or(operands);
    }

    private FilterNode And()
    {
        List<FilterNode> operands = [Not()];
        while (Accept("AND"))
        {
            operands.Add(Not());
        }

        return operands.Count == 1 ? operands[0] : new FilterNode.And(operands);
    }

    private FilterNode Not()
    {
        var open = Current;
        var negated = Accept("NOT");
        if (!negated && !AcceptSymbol("("))
        {
            return Condition();
        }

        if (++_nesting > MaxNesting)
        {
            throw FilterError.At(open.Position, $"More than {MaxNesting} levels of parentheses and NOT.");
        }

        var inner = negated ? Not() : Or();
        if (!negated && !AcceptSymbol(")"))
        {
            throw Unexpected($"AND, OR or ')' for the '(' at position {open.Position}");
        }

        _nesting--;
        return negated ? new FilterNode.Not(inner) : inner;
    }

    private FilterNode Condition()
    {
        var attribute = Attribute();
        if (Accept("IS"))
        {
            var notNull = Accept("NOT");
            Expect("NULL");
            return new FilterNode.IsNull(attribute, notNull);
        }

        var operation = Current;
        var negated = Accept("NOT");
        if (Accept("IN"))
        {
            return In(attribute, operation, negated);
        }

        if (Accept("BETWEEN"))
        {
            Check(attribute, operation, "BETWEEN", FilterAttributes.AllowsBetween);
            var low = Value(attribute);
            Expect("AND");
            return new FilterNode.Between(attribute, low, Value(attribute), negated);
        }

        if (Accept("STARTS_WITH"))
        {
            Check(attribute, operation, "STARTS_WITH", FilterAttributes.AllowsStartsWith);
            return Current.Kind == FilterTokenKind.Text
                ? new FilterNode.StartsWith(attribute, Take().Text, negated)
                : throw Unexpected("a text in quotes");
        }

        return negated ? throw Unexpected("IN, BETWEEN or STARTS_WITH after NOT") : Comparison(attribute);
    }

    private FilterNode.Compare Comparison(FilterAttribute attribute)
    {
        FilterOperator? known = Current.Kind != FilterTokenKind.Symbol ? null : Current.Text switch
        {
            "=" => FilterOperator.Equal,
            "!=" or "<>" => FilterOperator.NotEqual,
            "<" => FilterOperator.Less,
            "<=" => FilterOperator.LessOrEqual,
            ">" => FilterOperator.Greater,
            ">=" => FilterOperator.GreaterOrEqual,
            _ => null,
        };
        if (known is not { } op)
        {
            throw Unexpected($"an operator after {attribute.Name}: =, !=, <, <=, >, >=, [NOT] IN, [NOT] BETWEEN, [NOT] STARTS_WITH or IS [NOT] NULL");
        }

        var symbol = Take();
        Check(attribute, symbol, symbol.Text, type => FilterAttributes.Allows(type, op));
        return new FilterNode.Compare(attribute, op, Value(attribute));
    }

    private FilterNode.In In(FilterAttribute attribute, FilterToken operation, bool negated)
    {
        Check(attribute, operation, "IN", FilterAttributes.AllowsIn);
        ExpectSymbol("(");
        List<FilterValue> values = [Value(attribute)];
        while (AcceptSymbol(","))
        {
            values.Add(Value(attribute));
        }

        return AcceptSymbol(")") ? new FilterNode.In(attribute, values, negated) : throw Unexpected("',' or ')'");
    }

    private FilterAttribute Attribute()
    {
        var token = Current;
        if (token.Kind is not FilterTokenKind.QuotedName && (token.Kind != FilterTokenKind.Word || IsKeyword(token.Text)))
        {
            throw Unexpected("the name of an attribute, NOT or '('");
        }

        _next++;
        if (FilterAttributes.Find(token.Text) is { } system)
        {
            return system;
        }

        if (_custom is null ? FilterAttributes.Resembling(token.Text) is null : _custom.ContainsKey(token.Text))
        {
            return new FilterAttribute(token.Text, _custom?[token.Text]);
        }

        throw FilterError.At(token.Position, FilterAttributes.Resembling(token.Text) is { } meant
            ? $"There is no attribute '{token.Text}'; did you mean {meant}?"
            : $"There is no attribute '{token.Text}'. Known are {string.Join(", ", FilterAttributes.System.Select(a => a.Name).Concat(_custom!.Keys.Order(StringComparer.Ordinal)))}.");
    }

    private FilterOrder OrderColumn()
    {
        var token = Current;
        var attribute = Attribute();
        Check(attribute, token, "ORDER BY", FilterAttributes.AllowsOrder);
        var descending = Accept("DESC");
        if (!descending)
        {
            Accept("ASC");
        }

        return new FilterOrder(attribute, descending);
    }

    private FilterAttribute GroupColumn()
    {
        var token = Current;
        var attribute = Attribute();
        return FilterAttributes.Groupable.Contains(attribute.Name)
            ? attribute
            : throw FilterError.At(token.Position, $"A count can't be grouped by {attribute.Name}, only by {string.Join(", ", FilterAttributes.Groupable)}.");
    }

    private FilterValue Value(FilterAttribute attribute)
    {
        var start = Current;
        var negative = AcceptSymbol("-");
        if (!negative && Current.Is("now"))
        {
            return FilterLiterals.Typed(Now(), attribute, start.Position);
        }

        var literal = Current.Kind switch
        {
            FilterTokenKind.Number => FilterLiterals.Number(Current, negative),
            FilterTokenKind.Duration => new FilterValue.Duration(Signed(FilterLiterals.Duration(Current.Text, Current.Position), negative)),
            FilterTokenKind.Text when !negative => new FilterValue.Text(Current.Text),
            FilterTokenKind.Word when !negative && (Current.Is("true") || Current.Is("false")) => new FilterValue.Bool(Current.Is("true")),
            _ => throw Unexpected($"a value for {attribute.Name}: {FilterLiterals.Describe(attribute.Type)}"),
        };
        _next++;
        return FilterLiterals.Typed(literal, attribute, start.Position);
    }

    private FilterValue.Now Now()
    {
        _next++;
        ExpectSymbol("(");
        ExpectSymbol(")");
        var back = AcceptSymbol("-");
        if (!back && !AcceptSymbol("+"))
        {
            return new FilterValue.Now(TimeSpan.Zero);
        }

        var amount = Current.Kind == FilterTokenKind.Duration
            ? FilterLiterals.Duration(Current.Text, Current.Position)
            : throw Unexpected("a duration such as 1d, 2h30m or 90s");
        _next++;
        return new FilterValue.Now(Signed(amount, back));
    }

    private static void Check(FilterAttribute attribute, FilterToken token, string operation, Func<FilterType, bool> allows)
    {
        if (attribute.Type is { } type && !allows(type))
        {
            throw FilterError.At(token.Position, $"{operation} can't be used with {attribute.Name}, which is of type {type}.");
        }
    }

    private static TimeSpan Signed(TimeSpan amount, bool negative) => negative ? -amount : amount;

    private FilterToken Take() => _tokens[_next++];

    private bool Accept(string keyword)
    {
        var found = Current.Is(keyword);
        _next += found ? 1 : 0;
        return found;
    }

    private bool AcceptSymbol(string symbol)
    {
        var found = Current.IsSymbol(symbol);
        _next += found ? 1 : 0;
        return found;
    }

    private void Expect(string keyword)
    {
        if (!Accept(keyword))
        {
            throw Unexpected(keyword);
        }
    }

    private void ExpectSymbol(string symbol)
    {
        if (!AcceptSymbol(symbol))
        {
            throw Unexpected($"'{symbol}'");
        }
    }

    private FilterSyntaxException Unexpected(string expected) => FilterError.At(Current.Position, $"Found {Current.Shown}, expected {expected}.");
}
