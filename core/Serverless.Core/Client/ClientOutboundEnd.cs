using System.Runtime.CompilerServices;
using System.Text;
using Serverless.Api.Enums.V1;
using Serverless.Client.Interceptors;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Visibility;

namespace Serverless.Client;

/// <summary>The last interceptor: turns calls into requests of the services.</summary>
internal sealed partial class ClientOutboundEnd(IWorkflowClient client, WorkflowClientServices services) : ClientOutboundInterceptor
{
    /// <summary>One wait of a service; repeated as long as the caller waits.</summary>
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);

    private readonly ClientCalls _calls = new(services.Time);

    public override async Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input)
    {
        var result = await StartAsync(input);
        return new(client, input.Options.Id!, RunId: null, result.RunId, result.FirstRunId);
    }

    public override async Task<TResult> GetWorkflowResultAsync<TResult>(GetWorkflowResultInput input)
    {
        var workflow = new WorkflowRef(input.Id, input.RunId);
        var close = await _calls.RunAsync(input.Rpc, async token =>
        {
            while (true)
            {
                if (await services.Service.WaitForCloseAsync(workflow, input.FollowRuns, s_wait, token) is { } closed)
                {
                    return closed;
                }
            }
        });
        return await RunResults.OfAsync<TResult>(close, Converter(input.Id));
    }

    public override async Task SignalWorkflowAsync(SignalWorkflowInput input)
    {
        var converter = Converter(input.Id);
        var requestId = input.Options?.RequestId;
        var signal = new WorkflowSignaled(input.Signal, await converter.EncodeAsync(input.Args))
        {
            Headers = await StartRequests.HeadersAsync(input.Headers, converter),
            Identity = client.Options.Identity,
            RequestId = requestId,
        };
        await _calls.RunAsync(input.Options?.Rpc, token => services.Service.SignalAsync(new(input.Id, input.RunId), signal, requestId, token));
    }

    public override async Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input)
    {
        var converter = Converter(input.Id);
        var workflow = new WorkflowRef(input.Id, input.RunId);
        var args = await converter.EncodeAsync(input.Args);
        var headers = await StartRequests.HeadersAsync(input.Headers, converter);
        var answer = await _calls.RunAsync(input.Options?.Rpc, async token =>
        {
            await RejectAsync(workflow, input.Options?.RejectCondition ?? client.Options.QueryRejectCondition, token);
            try
            {
                return await services.Service.QueryAsync(workflow, input.Query, args, headers, token);
            }
            catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.CodeUnavailable)
            {
                throw new WorkflowQueryFailedException(e.Message);
            }
        });
        return await RunResults.ValueAsync<TResult>(answer, converter);
    }

    public override async Task<WorkflowExecutionDescription> DescribeWorkflowAsync(DescribeWorkflowInput input)
    {
        var description = await _calls.RunAsync(input.Options?.Rpc, token => services.Reader.DescribeAsync(new(input.Id, input.RunId), token));
        var converter = Converter(input.Id);
        return new(description with { Blocked = await converter.RevealAsync(description.Blocked) }, converter);
    }

    public override Task CancelWorkflowAsync(CancelWorkflowInput input) => _calls.RunAsync(input.Options?.Rpc, async token =>
    {
        try
        {
            await services.Service.CancelAsync(new(input.Id, input.RunId, input.FirstExecutionRunId), input.Options?.Reason, token);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.Closed)
        {
            // What has ended needs no cancelling.
        }
    });

    public override async Task TerminateWorkflowAsync(TerminateWorkflowInput input)
    {
        var details = await Converter(input.Id).EncodeAsync(input.Options?.Details ?? []);
        await _calls.RunAsync(
            input.Options?.Rpc,
            token => services.Service.TerminateAsync(new(input.Id, input.RunId, input.FirstExecutionRunId), input.Reason, details, token));
    }

    public override async Task<WorkflowHistoryEventPage> FetchWorkflowHistoryEventPageAsync(FetchWorkflowHistoryEventPageInput input)
    {
        var wait = input.WaitNewEvent ? s_wait : TimeSpan.Zero;
        var workflow = new WorkflowRef(input.Id, input.RunId);
        if (input.EventFilterType == HistoryEventFilterType.CloseEvent)
        {
            var close = await _calls.RunAsync(input.Rpc, token => services.Service.WaitForCloseAsync(workflow, followRuns: false, wait, token));
            return close is null ? new([], input.RunId, !input.WaitNewEvent) : new([new WorkflowHistoryEvent(close.Closed)], close.RunId, true);
        }

        var events = await _calls.RunAsync(input.Rpc, token => services.Reader.ReadHistoryAsync(workflow, input.AfterEventId, wait, token));
        var isLast = events.Any(Closes) || (events.Count == 0 && !input.WaitNewEvent);
        return new([.. events.Select(e => new WorkflowHistoryEvent(e))], events.OfType<WorkflowStarted>().FirstOrDefault()?.RunId ?? input.RunId, isLast);
    }

    public override async IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(ListWorkflowsInput input)
    {
        var (left, pageToken) = (input.Options?.Limit is > 0 and var limit ? limit : int.MaxValue, (byte[]?)null);
        do
        {
            var page = await PageAsync(input.Query, pageToken, Math.Min(left, 100), input.Options?.Rpc);
            foreach (var workflow in page.Workflows)
            {
                yield return workflow;
                if (--left == 0)
                {
                    yield break;
                }
            }

            pageToken = page.NextPageToken;
        }
        while (pageToken is not null);
    }

    public override Task<WorkflowListPage> ListWorkflowsPaginatedAsync(ListWorkflowsPaginatedInput input) =>
        PageAsync(input.Query, input.NextPageToken, input.Options?.PageSize ?? 100, input.Options?.Rpc);

    public override async Task<WorkflowExecutionCount> CountWorkflowsAsync(CountWorkflowsInput input) =>
        new(await _calls.RunAsync(input.Options?.Rpc, token => services.Reader.CountAsync(Filter(input.Query), token)));

    private static string? Filter(string query) => string.IsNullOrWhiteSpace(query) ? null : query;

    private static bool Closes(HistoryEvent e) =>
        e is WorkflowCompleted or WorkflowFailed or WorkflowCanceled or WorkflowTerminated or WorkflowTimedOut or WorkflowContinuedAsNew;

    private DataConverter Converter(string workflowId) =>
        client.Options.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(client.Options.Namespace, workflowId));

    private async Task<StartResult> StartAsync(StartWorkflowInput input)
    {
        var request = await StartRequests.CreateAsync(input, client.Options, Converter(input.Options.Id ?? ""), services.NewId);
        return await _calls.RunAsync(input.Options.Rpc, async token =>
        {
            if (DeclaredAttributes.ProblemOfSystem(request.Started.SearchAttributes.Keys) is { } problem)
            {
                throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
            }

            try
            {
                return await services.Service.StartAsync(request, token);
            }
            catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.AlreadyStarted)
            {
                throw new WorkflowAlreadyStartedException(e.Message, request.WorkflowId, input.Workflow, e.RunId ?? "");
            }
        });
    }

    private async Task RejectAsync(WorkflowRef workflow, QueryRejectCondition? condition, CancellationToken cancellationToken)
    {
        if (condition is not (QueryRejectCondition.NotOpen or QueryRejectCondition.NotCompletedCleanly))
        {
            return;
        }

        var status = (await services.Reader.DescribeAsync(workflow, cancellationToken)).Summary.Status;
        var ok = status == WorkflowExecutionStatus.Running
            || (condition == QueryRejectCondition.NotCompletedCleanly && status == WorkflowExecutionStatus.Completed);
        if (!ok)
        {
            throw new WorkflowQueryRejectedException(status);
        }
    }

    private async Task<WorkflowListPage> PageAsync(string query, byte[]? token, int size, RpcOptions? rpc)
    {
        var page = await _calls.RunAsync(
            rpc, cancel => services.Reader.ListAsync(Filter(query), size, token is null ? null : Encoding.UTF8.GetString(token), cancel));
        return new(
            [.. page.Workflows.Select(summary => new WorkflowExecution(summary, Converter(summary.WorkflowId)))],
            page.NextPageToken is { } next ? Encoding.UTF8.GetBytes(next) : null);
    }
}
