using System.Runtime.CompilerServices;
using Serverless.Common;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Worker;

/// <summary>
/// Tells before a deployment whether new code can take up runs of old code: it runs the code over their histories and compares what it asks for with what was
/// recorded. Needs no storage, runs no activity and changes nothing. The code runs on the caller's thread.
/// </summary>
public class WorkflowReplayer
{
    private readonly WorkflowExecutorFactory _workflows;
    private readonly PayloadCoding _coding;

    /// <summary>Makes a replayer.</summary>
    /// <param name="options">The code.</param>
    /// <exception cref="ArgumentException">There is no workflow, or a definition is wrong, or two have one name.</exception>
    public WorkflowReplayer(WorkflowReplayerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Workflows.Count == 0)
        {
            throw new ArgumentException("A replayer needs at least one workflow: call AddWorkflow on its options.", nameof(options));
        }

        Options = options;
        var converter = options.DataConverter;
        _coding = new PayloadCoding(converter, options.Namespace);
        _workflows = new WorkflowExecutorFactory(options.Workflows, new ExecutorOptions(converter.PayloadConverter, converter.FailureConverter, options.LoggerFactory)
        {
            Namespace = options.Namespace,
            FailureExceptionTypes = [.. options.WorkflowFailureExceptionTypes ?? []],
            Interceptors = [.. options.Interceptors ?? []],
        });
    }

    /// <summary>The options it was made with.</summary>
    public WorkflowReplayerOptions Options { get; }

    /// <summary>Replays a history.</summary>
    /// <param name="history">The history, of an open or a closed run. Messages at its end that no task has taken are left out.</param>
    /// <param name="throwOnReplayFailure">False: a failure is returned, not thrown.</param>
    /// <param name="cancellationToken">Gives up before it begins.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="WorkflowNondeterminismException">The code asks for something else than was recorded. The message names the first difference with both sides.</exception>
    /// <exception cref="InvalidWorkflowOperationException">
    /// The code can't go on for another reason, which the message begins with: <c>UnknownWorkflowType</c>, <c>CorruptHistory</c>, <c>UnhandledException</c> or
    /// <c>LeftScheduler</c>.
    /// </exception>
    public async Task<WorkflowReplayResult> ReplayWorkflowAsync(
        WorkflowHistory history, bool throwOnReplayFailure = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(history);
        cancellationToken.ThrowIfCancellationRequested();
        var failure = await FailureOfAsync(history);
        return failure is null || !throwOnReplayFailure ? new(history, failure) : throw failure;
    }

    /// <summary>Replays histories one after the other.</summary>
    /// <param name="histories">The histories.</param>
    /// <param name="throwOnReplayFailure">True: the first failure is thrown, and what follows it is not replayed.</param>
    /// <param name="cancellationToken">Gives up between histories.</param>
    /// <returns>What came of each, in their order.</returns>
    public async Task<IEnumerable<WorkflowReplayResult>> ReplayWorkflowsAsync(
        IEnumerable<WorkflowHistory> histories, bool throwOnReplayFailure = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(histories);
        var results = new List<WorkflowReplayResult>();
        foreach (var history in histories)
        {
            results.Add(await ReplayWorkflowAsync(history, throwOnReplayFailure, cancellationToken));
        }

        return results;
    }

    /// <summary>Replays histories one after the other, as they come and as results are asked for.</summary>
    /// <param name="histories">The histories.</param>
    /// <param name="throwOnReplayFailure">True: the first failure is thrown, and what follows it is not replayed.</param>
    /// <param name="cancellationToken">Gives up between histories.</param>
    /// <returns>What came of each, in their order.</returns>
    public async IAsyncEnumerable<WorkflowReplayResult> ReplayWorkflowsAsync(
        IAsyncEnumerable<WorkflowHistory> histories,
        bool throwOnReplayFailure = false,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(histories);
        await foreach (var history in histories.WithCancellation(cancellationToken))
        {
            yield return await ReplayWorkflowAsync(history, throwOnReplayFailure, cancellationToken);
        }
    }

    private async Task<Exception?> FailureOfAsync(WorkflowHistory history)
    {
        try
        {
            using var run = LiveRun.FromHistory(history.Id, [.. history.Events.Select(static e => e.Raw)]);
            if (run.Damage is { } damage)
            {
                throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.CorruptHistory, damage);
            }

            run.Executor = _workflows.Create(run.State.FirstWorkflowId(history.Id), (await _coding.DecodeAsync(run, [run.State.FirstEvent]))[0]);
            run.Executor.Replay(await _coding.DecodeAsync(run, run.Unreplayed!));
            return null;
        }
        catch (WorkflowTaskFailedException e) when (e.Cause == WorkflowTaskFailedCause.Nondeterminism)
        {
            return new WorkflowNondeterminismException(e.Message);
        }
        catch (WorkflowTaskFailedException e)
        {
            return new InvalidWorkflowOperationException($"{e.Cause}: {e.Message}", e.InnerException);
        }
    }
}
