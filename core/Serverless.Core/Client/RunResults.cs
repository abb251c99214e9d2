using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;

namespace Serverless.Client;

/// <summary>What callers get from how runs and updates ended.</summary>
internal static class RunResults
{
    /// <summary>The result, or the exception that says why there is none.</summary>
    public static async Task<T> OfAsync<T>(CloseResult close, DataConverter converter)
    {
        switch (close.Closed)
        {
            case WorkflowCompleted e:
                return await ValueAsync<T>(e.Result, converter);
            case WorkflowContinuedAsNew e:
                throw new WorkflowContinuedAsNewException(e.NewRunId);
            case WorkflowTerminated e:
                throw new WorkflowFailedException(await TerminatedAsync(e, converter));
            default:
                throw new WorkflowFailedException(await converter.ToExceptionAsync(FailureOf(close)));
        }
    }

    /// <summary>The result of a completed update, or the exception that says why there is none.</summary>
    public static async Task<T> OfAsync<T>(UpdateOutcome outcome, DataConverter converter) => outcome.Failure is null
        ? await ValueAsync<T>(outcome.Result, converter)
        : throw new WorkflowUpdateFailedException(await converter.ToExceptionAsync(outcome.Failure));

    /// <summary>A result, or nothing where nothing was asked for or returned.</summary>
    public static async Task<T> ValueAsync<T>(Payload? payload, DataConverter converter) =>
        payload is null || typeof(T) == typeof(ValueTuple) ? default! : await converter.ToValueAsync<T>(payload);

    private static async Task<TerminatedFailureException> TerminatedAsync(WorkflowTerminated e, DataConverter converter)
    {
        var details = e.Details.Count == 0 ? null : new InboundFailureDetails(converter.PayloadConverter, await converter.PayloadCodec.DecodeAllAsync(e.Details));
        return new(new Failure(string.IsNullOrEmpty(e.Reason) ? "Workflow terminated" : e.Reason, new TerminatedFailureInfo()), null, details);
    }

    private static Failure FailureOf(CloseResult close) => close.Closed switch
    {
        WorkflowFailed e => e.Failure,
        WorkflowCanceled e => new Failure("Workflow cancelled", new CanceledFailureInfo(e.Details)),
        WorkflowTimedOut e => new Failure("Workflow timed out", new TimeoutFailureInfo(e.Type)),
        _ => new Failure($"Workflow closed by {close.Closed.GetType().Name}", new ServerFailureInfo(NonRetryable: true)),
    };
}
