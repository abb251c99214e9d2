using Serverless.Client;
using Serverless.Common;
using Serverless.Visibility;
using Serverless.Workflows;

namespace Serverless.Operations;

/// <summary>
/// A batch: goes through the list page by page and does its operation to each target. A page of targets is recorded before anything is done to them, so a target belongs to
/// one chunk, whatever happens to its row meanwhile; a chunk that is repeated after a crash finds what it did before.
/// </summary>
[Workflow(TypeName)]
internal sealed class BatchWorkflow
{
    public const string TypeName = MemberNames.SystemPrefix + "batch";
    public const string IdPrefix = TypeName + ":";
    public const string ProgressQuery = "progress";
    public const string RequestMemo = "request";
    public const string ProgressMemo = "progress";

    private const int PagesPerRun = 20;
    private const int MaxChunk = 50;
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMinutes(5);
    private BatchProgress _progress = new();

    [WorkflowQuery(ProgressQuery)]
    public BatchProgress Progress => _progress;

    [WorkflowRun]
    public async Task<BatchProgress> RunAsync(BatchInput input)
    {
        _progress = input.Progress;
        var request = input.Request;
        if (_progress.Total is null)
        {
            _progress = _progress with { Total = await Workflow.ExecuteActivityAsync((BatchActivities a) => a.CountAsync(request.Query), Options()) };
        }

        var token = input.PageToken;
        var pages = 0;
        do
        {
            if (pages++ == PagesPerRun)
            {
                var rest = input with { Progress = _progress, PageToken = token };
                throw Workflow.CreateContinueAsNewException((BatchWorkflow w) => w.RunAsync(rest));
            }

            var page = await Workflow.ExecuteActivityAsync((BatchActivities a) => a.FindAsync(request.Query, token), Options());
            await ApplyAsync(request, page.Targets);
            token = page.NextPageToken;
        }
        while (token is not null);
        ShowProgress();
        return _progress;
    }

    private async Task ApplyAsync(BatchRequest request, IReadOnlyList<BatchTarget> targets)
    {
        // A chunk takes half a second at least, so that a request to stop is soon seen where another process works on it.
        var size = Math.Clamp(request.OperationsPerSecond / 2, 1, MaxChunk);
        var next = 0;
        while (next < targets.Count)
        {
            if (Workflow.CancellationToken.IsCancellationRequested)
            {
                ShowProgress();
                Workflow.CancellationToken.ThrowIfCancellationRequested();
            }

            var chunk = new BatchChunk
            {
                Request = request,
                FirstRunId = Workflow.Info.FirstExecutionRunId,
                Targets = [.. targets.Skip(next).Take(size)],
            };
            var result = await Workflow.ExecuteActivityAsync((BatchActivities a) => a.ApplyAsync(chunk), Options());
            _progress = _progress.With(result);
            next += result.Handled;
        }
    }

    /// <summary>For the list, which shows of a closed batch what its memo says.</summary>
    private void ShowProgress() => Workflow.UpsertMemo(MemoUpdate.ValueSet(ProgressMemo, _progress with { Failures = [] }));

    /// <summary>Retried for ever, but for a query that can't be read any more; cancelled, a chunk still says what it did.</summary>
    private static ActivityOptions Options() => new()
    {
        StartToCloseTimeout = AttemptTimeout,
        CancellationType = ActivityCancellationType.WaitCancellationCompleted,
        RetryPolicy = new RetryPolicy { MaximumInterval = TimeSpan.FromSeconds(30), NonRetryableErrorTypes = [nameof(FilterSyntaxException)] },
    };
}
