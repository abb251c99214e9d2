using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Storage;

namespace Serverless.Operations;

/// <summary>What a batch asks for.</summary>
internal sealed class BatchActivities(SystemServices services)
{
    private const int PageSize = 200;
    private const int MaxMessage = 1_000;

    /// <summary>Attempts that a storage failure is waited out for; after them it is the target's failure.</summary>
    private const int PatientAttempts = 10;

    private readonly BatchOperations _operations = new(services);

    [Activity(MemberNames.SystemPrefix + "batch-count")]
    public async Task<long> CountAsync(string query) =>
        (await services.Reader.CountAsync(query, ActivityExecutionContext.Current.CancellationToken)).Values.Sum();

    [Activity(MemberNames.SystemPrefix + "batch-find")]
    public async Task<BatchTargets> FindAsync(string query, string? pageToken)
    {
        var page = await services.Reader.ListAsync(query, PageSize, pageToken, ActivityExecutionContext.Current.CancellationToken);
        return new([.. page.Workflows.Select(static w => new BatchTarget(w.WorkflowId, w.RunId))], page.NextPageToken);
    }

    /// <summary>
    /// Begins the operations at the pace that was asked for and waits for all it began. Asked to stop, it begins no more and says how far it came.
    /// </summary>
    [Activity(MemberNames.SystemPrefix + "batch-apply")]
    public async Task<BatchChunkResult> ApplyAsync(BatchChunk chunk)
    {
        var context = ActivityExecutionContext.Current;
        var isPatient = context.Info.Attempt < PatientAttempts;
        var pause = TimeSpan.FromSeconds(1) / chunk.Request.OperationsPerSecond;
        var begun = services.Time.GetTimestamp();
        var operations = new List<Task<BatchFailure?>>();
        foreach (var target in chunk.Targets)
        {
            if (!await WaitAsync((pause * operations.Count) - services.Time.GetElapsedTime(begun), context.CancellationToken))
            {
                break;
            }

            operations.Add(ApplyAsync(chunk, target, isPatient));
        }

        var failures = await Task.WhenAll(operations);
        await WaitAsync((pause * operations.Count) - services.Time.GetElapsedTime(begun), context.CancellationToken);
        if (operations.Count == 0 && context.CancelReason != ActivityCancelReason.CancelRequested)
        {
            // The process is going to stop, and nothing was begun: another one takes over.
            context.CancellationToken.ThrowIfCancellationRequested();
        }

        return new(operations.Count, [.. failures.OfType<BatchFailure>()]);
    }

    private async Task<BatchFailure?> ApplyAsync(BatchChunk chunk, BatchTarget target, bool isPatient)
    {
        try
        {
            await _operations.ApplyAsync(chunk, target);
            return null;
        }
        catch (Exception e) when (e is WorkflowServiceException or InvalidDataException || (e is StorageException && !isPatient))
        {
            return new(target.WorkflowId, target.RunId, e.Message.Length > MaxMessage ? e.Message[..MaxMessage] : e.Message);
        }
    }

    /// <summary>False when it is asked to stop.</summary>
    private async Task<bool> WaitAsync(TimeSpan pause, CancellationToken stop)
    {
        try
        {
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, services.Time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        return !stop.IsCancellationRequested;
    }
}
