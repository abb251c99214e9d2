using System.Linq.Expressions;
using System.Reflection;

namespace Serverless.Common;

/// <summary>A call written as a lambda, such as <c>(MyWorkflow wf) => wf.RunAsync(42)</c>: which member, with which arguments. The member is not run.</summary>
/// <param name="Member">A method, or a property when that was allowed.</param>
/// <param name="Args">Its evaluated arguments; empty for a property.</param>
internal sealed record CallExpression(MemberInfo Member, IReadOnlyCollection<object?> Args)
{
    /// <summary>The method.</summary>
    public MethodInfo Method => (MethodInfo)Member;

    /// <summary>Reads a method call.</summary>
    /// <exception cref="ArgumentException">The lambda is no single call, or calls something else than its parameter (or a static method without one).</exception>
    public static CallExpression OfMethod(LambdaExpression lambda) => Read(lambda, allowProperty: false);

    /// <summary>Reads a method call or a property.</summary>
    /// <exception cref="ArgumentException">The lambda is no single call or property, or not of its parameter.</exception>
    public static CallExpression OfMethodOrProperty(LambdaExpression lambda) => Read(lambda, allowProperty: true);

    private static CallExpression Read(LambdaExpression lambda, bool allowProperty)
    {
        ArgumentNullException.ThrowIfNull(lambda);
        var body = SkipConversions(lambda.Body);
        if (allowProperty && body is MemberExpression { Member: PropertyInfo property } access)
        {
            CheckTarget(lambda, access.Expression, property);
            return new(property, []);
        }

        if (body is not MethodCallExpression call)
        {
            var expected = allowProperty ? "one method call or property" : "one method call";
            throw new ArgumentException($"The lambda '{lambda}' must be {expected} and nothing else.", nameof(lambda));
        }

        CheckTarget(lambda, call.Object, call.Method);
        var args = new object?[call.Arguments.Count];
        for (var i = 0; i < args.Length; i++)
        {
            args[i] = Evaluate(lambda, call.Arguments[i]);
        }

        return new(call.Method, args);
    }

    private static void CheckTarget(LambdaExpression lambda, Expression? target, MemberInfo member)
    {
        if (lambda.Parameters.Count == 0)
        {
            if (target is not null)
            {
                throw new ArgumentException(
                    $"'{member.Name}' is not static: write the lambda with a parameter, as in ({member.DeclaringType?.Name} x) => x.{member.Name}(…).", nameof(lambda));
            }

            return;
        }

        if (lambda.Parameters.Count != 1 || target is null || SkipConversions(target) != lambda.Parameters[0])
        {
            throw new ArgumentException($"The lambda '{lambda}' must call '{member.Name}' on its one parameter.", nameof(lambda));
        }
    }

    private static Expression SkipConversions(Expression expression)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked or ExpressionType.TypeAs } unary)
        {
            expression = unary.Operand;
        }

        return expression;
    }

    private static object? Evaluate(LambdaExpression lambda, Expression expression)
    {
        if (TryEvaluate(expression, out var value))
        {
            return value;
        }

        if (lambda.Parameters.Count > 0 && new ParameterSearch(lambda.Parameters[0]).IsIn(expression))
        {
            throw new ArgumentException($"The argument '{expression}' uses the lambda's parameter, which has no value: nothing is run here.", nameof(lambda));
        }

        // Interpreted, as compiling costs more than one evaluation is worth.
        return Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)();
    }

    /// <summary>Constants, captured variables and members of them, without interpreting anything.</summary>
    private static bool TryEvaluate(Expression expression, out object? value)
    {
        switch (expression)
        {
            case ConstantExpression constant:
                value = constant.Value;
                return true;
            case MemberExpression { Member: FieldInfo field } access when TryTarget(access.Expression, field.IsStatic, out var target):
                value = field.GetValue(target);
                return true;
            case MemberExpression { Member: PropertyInfo { GetMethod: { } getter } } access when TryTarget(access.Expression, getter.IsStatic, out var target):
                value = getter.Invoke(target, BindingFlags.DoNotWrapExceptions, null, null, null);
                return true;
            case UnaryExpression { NodeType: ExpressionType.Convert, Method: null } convert when KeepsBoxedValue(convert):
                return TryEvaluate(convert.Operand, out value);
            default:
                value = null;
                return false;
        }
    }

    private static bool TryTarget(Expression? expression, bool isStatic, out object? target)
    {
        target = null;
        return isStatic || (expression is not null && TryEvaluate(expression, out target) && target is not null);
    }

    /// <summary>True for conversions that leave the object as it is: to a base type or interface, boxing, to nullable.</summary>
    private static bool KeepsBoxedValue(UnaryExpression convert)
    {
        var (from, to) = (convert.Operand.Type, convert.Type);
        return to.IsAssignableFrom(from) || Nullable.GetUnderlyingType(to) == from;
    }

    private sealed class ParameterSearch(ParameterExpression parameter) : ExpressionVisitor
    {
        private bool _found;

        public bool IsIn(Expression expression)
        {
            Visit(expression);
            return _found;
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            _found |= node == parameter;
            return node;
        }
    }
}
