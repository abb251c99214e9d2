using Serverless.Client.Interceptors;
using Serverless.Client.Schedules;

namespace Serverless.Client;

/// <summary>
/// Starts workflows and talks to them, straight on storage: there is no server. Thread-safe; one for each hub is enough. The forms with lambdas are extensions of
/// <see cref="WorkflowClientExtensions"/>.
/// </summary>
public interface IWorkflowClient : IBatchClient, IScheduleClient
{
    /// <summary>Settings. Not to be changed.</summary>
    WorkflowClientOptions Options { get; }

    /// <summary>What calls go through: the first interceptor.</summary>
    ClientOutboundInterceptor OutboundInterceptor { get; }

    /// <summary>Starts a workflow by name. On return it is stored.</summary>
    /// <param name="workflow">The workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options; the id is required.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id is in use, and the policies refuse.</exception>
    Task<WorkflowHandle> StartWorkflowAsync(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options);

    /// <summary>A handle to a workflow; nothing is looked up.</summary>
    /// <param name="id">The workflow id.</param>
    /// <param name="runId">A certain run; null for the newest.</param>
    /// <param name="firstExecutionRunId">First run of the chain that may be cancelled and terminated; null for any.</param>
    WorkflowHandle GetWorkflowHandle(string id, string? runId = null, string? firstExecutionRunId = null);

    /// <summary>Lists workflows, newest first.</summary>
    /// <param name="query">The filter; empty for all.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Visibility.FilterSyntaxException">The filter can't be read.</exception>
    IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(string query, WorkflowListOptions? options = null);

    /// <summary>Lists workflows page by page, newest first.</summary>
    /// <param name="query">The filter; empty for all.</param>
    /// <param name="nextPageToken">From the page before; null for the first.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Visibility.FilterSyntaxException">The filter can't be read.</exception>
    Task<WorkflowListPage> ListWorkflowsPaginatedAsync(string query, byte[]? nextPageToken, WorkflowListPaginatedOptions? options = null);

    /// <summary>Counts workflows.</summary>
    /// <param name="query">The filter; empty for all. With GROUP BY ExecutionStatus at its end it counts per state.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="Visibility.FilterSyntaxException">The filter can't be read.</exception>
    Task<WorkflowExecutionCount> CountWorkflowsAsync(string query, WorkflowCountOptions? options = null);

    /// <summary>A handle to an activity that is completed from outside; nothing is looked up.</summary>
    /// <param name="activity">Which activity.</param>
    AsyncActivityHandle GetAsyncActivityHandle(AsyncActivityHandle.Reference activity);
}
