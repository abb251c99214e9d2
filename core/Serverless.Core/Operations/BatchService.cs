using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.History;
using Serverless.Visibility;

namespace Serverless.Operations;

/// <summary>Starts batches and tells how they stand.</summary>
internal sealed class BatchService(SystemServices services) : IBatchService
{
    /// <summary>The last run of each batch.</summary>
    private const string Listed = $"WorkflowType = '{BatchWorkflow.TypeName}' AND ExecutionStatus != 'ContinuedAsNew'";

    public const int MaxIdLength = 200;
    public const int MaxValueBytes = 16 * 1024;
    private const int MaxQueryLength = 10_000;
    public const int MaxReasonLength = 1_000;
    public const int MaxRate = 1_000;

    public async Task StartAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        Check(request.Id.Length is > 0 and <= MaxIdLength, $"A batch id has 1 to {MaxIdLength} characters.");
        Check(request.Query.Trim().Length is > 0 and <= MaxQueryLength, $"A batch needs a query of 1 to {MaxQueryLength:N0} characters that says which workflows are meant.");
        Check(request.Reason is null or { Length: <= MaxReasonLength }, $"A batch's reason has at most {MaxReasonLength:N0} characters.");
        Check(request.OperationsPerSecond is > 0 and <= MaxRate, $"A batch does 1 to {MaxRate:N0} operations per second.");
        Check(request.Operation);
        var frozen = request with { Query = TargetFilter.Freeze(request.Query, services.Time.GetUtcNow(), services.SearchAttributes) };
        var id = WorkflowId(request.Id);
        var converter = services.ConverterOf(id);
        var started = new WorkflowStarted(BatchWorkflow.TypeName, services.TaskQueue, await converter.EncodeAsync([new BatchInput { Request = frozen }]))
        {
            Memo = await converter.EncodeAsync(new Dictionary<string, object> { [BatchWorkflow.RequestMemo] = frozen with { Operation = new() { Action = frozen.Operation.Action } } }),
        };
        try
        {
            await services.Service.StartAsync(new StartRequest(id, started) { ReusePolicy = WorkflowIdReusePolicy.RejectDuplicate }, cancellationToken);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.AlreadyStarted)
        {
            throw new WorkflowServiceException(e.Code, $"There is a batch '{request.Id}' already. Choose another id.", e.RunId);
        }
    }

    public async Task<BatchDescription> DescribeAsync(string id, CancellationToken cancellationToken)
    {
        var found = await FindAsync(id, cancellationToken);

        // A run that has not begun is where the one before it ended, and this process may be one that can't let it begin.
        var progress = found.State.LastTask is null
            ? (await services.ConverterOf(found.Summary.WorkflowId).ToValueAsync<BatchInput>(found.State.Started.Args[0])).Progress
            : await ProgressAsync(found.Summary, cancellationToken);
        return await DescribeAsync(found.Summary, progress);
    }

    public async Task<BatchPage> ListAsync(int pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var page = await services.Reader.ListAsync(Listed, pageSize, pageToken, cancellationToken, ListDivision.System);
        var batches = new List<BatchDescription>();
        foreach (var summary in page.Workflows)
        {
            var progress = summary.Status == WorkflowExecutionStatus.Running
                ? await ProgressAsync(summary, cancellationToken)
                : await MemoAsync<BatchProgress>(summary, BatchWorkflow.ProgressMemo);
            batches.Add(await DescribeAsync(summary, progress is null ? null : progress with { Failures = [] }));
        }

        return new(batches, page.NextPageToken);
    }

    public async Task CancelAsync(string id, string? reason, CancellationToken cancellationToken)
    {
        var batch = await FindAsync(id, cancellationToken);
        if (batch.State.Closed is null)
        {
            await services.Service.CancelAsync(new WorkflowRef(batch.Summary.WorkflowId), reason, null, cancellationToken);
        }
    }

    public async Task<bool> WaitAsync(string id, TimeSpan wait, CancellationToken cancellationToken) =>
        await services.Service.WaitForCloseAsync(new WorkflowRef(WorkflowId(id)), followRuns: true, wait, cancellationToken) is not null;

    private static string WorkflowId(string id) => BatchWorkflow.IdPrefix + id;

    private void Check(BatchOperation operation)
    {
        Check(BatchAction.Names.Contains(operation.Action), $"There is no batch action '{operation.Action}'. There are: {string.Join(", ", BatchAction.Names)}.");
        var isSignal = operation.Action == BatchAction.SignalName;
        Check(
            isSignal ? operation.Signal is { Length: > 0 and <= 1_000 } : operation is { Signal: null, Args.Count: 0 },
            "A signal, and nothing else, has a name of 1 to 1,000 characters and arguments.");
        Check(
            operation.Action == BatchAction.UpsertName == operation.SearchAttributes.Count > 0,
            "A change of search attributes, and nothing else, has at least one of them.");
        var problem = DeclaredAttributes.ProblemOf(
            operation.SearchAttributes.Select(static a => (a.Key, a.Value is { } value ? PayloadTexts.Read(value) : null)), services.SearchAttributes);
        Check(problem is null, problem ?? "");
        Check(operation.Action == BatchAction.ResetName == operation.Reset is not null, "A reset, and nothing else, says from where the workflows go on.");

        // They are a part of each chunk's record.
        var bytes = operation.Args.Concat(operation.SearchAttributes.Select(static a => a.Key + a.Value)).Sum(static text => text.Length) * 3L / 4;
        Check(bytes <= MaxValueBytes, $"What a batch gives to each workflow has at most {MaxValueBytes:N0} bytes; this has {bytes:N0}.");
    }

    private static void Check(bool isFine, string problem)
    {
        if (!isFine)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }

    private async Task<WorkflowDescription> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            if (await services.Reader.DescribeAsync(new WorkflowRef(WorkflowId(id)), cancellationToken) is { Summary.WorkflowType: BatchWorkflow.TypeName } found)
            {
                return found;
            }
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.NotFound)
        {
            // Told in the batch's own terms.
        }

        throw new WorkflowServiceException(WorkflowServiceError.NotFound, $"There is no batch '{id}'.");
    }

    private async Task<BatchProgress> ProgressAsync(WorkflowSummary summary, CancellationToken cancellationToken)
    {
        var answer = await services.Service.QueryAsync(new WorkflowRef(summary.WorkflowId, summary.RunId), BatchWorkflow.ProgressQuery, [], WorkflowStarted.Empty, cancellationToken);
        return await services.ConverterOf(summary.WorkflowId).ToValueAsync<BatchProgress>(answer!);
    }

    private async Task<BatchDescription> DescribeAsync(WorkflowSummary summary, BatchProgress? progress) =>
        new(await MemoAsync<BatchRequest>(summary, BatchWorkflow.RequestMemo) ?? new(), summary)
        {
            Total = progress?.Total,
            Done = progress?.Done ?? 0,
            Failed = progress?.Failed ?? 0,
            Failures = progress?.Failures ?? [],
        };

    private async Task<T?> MemoAsync<T>(WorkflowSummary summary, string key)
        where T : class =>
        summary.Memo.TryGetValue(key, out var value) ? await services.ConverterOf(summary.WorkflowId).ToValueAsync<T>(value) : null;
}
