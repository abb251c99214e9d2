using Serverless.Converters;
using Serverless.History;

namespace Serverless.Tests.Behaviour;

/// <summary>
/// Leaves in stack traces what the tests' own code did: how the runtime calls a method by reflection changes with the number of calls, and with it the text.
/// </summary>
internal sealed class SteadyFailures : IFailureConverter
{
    private static readonly DefaultFailureConverter Inner = new();

    public Failure ToFailure(Exception exception, IPayloadConverter payloadConverter) => Steady(Inner.ToFailure(exception, payloadConverter));

    public Exception ToException(Failure failure, IPayloadConverter payloadConverter) => Inner.ToException(failure, payloadConverter);

    private static Failure Steady(Failure failure) => failure with
    {
        StackTrace = failure.StackTrace is { } stack
            ? string.Join('\n', stack.Split('\n').Where(static line => line.Contains("Serverless.Tests.Behaviour", StringComparison.Ordinal)))
            : null,
        Cause = failure.Cause is { } cause ? Steady(cause) : null,
    };
}
