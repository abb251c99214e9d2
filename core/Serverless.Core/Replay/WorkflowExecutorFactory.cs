using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Executors for the registered workflows.</summary>
internal sealed class WorkflowExecutorFactory : IWorkflowExecutorFactory
{
    private readonly Dictionary<string, WorkflowDefinition> _definitions = new(StringComparer.Ordinal);
    private readonly WorkflowDefinition? _dynamic;
    private readonly ExecutorOptions _options;

    /// <exception cref="ArgumentException">Two definitions have one name, or two are dynamic, or one can't be instantiated.</exception>
    public WorkflowExecutorFactory(IEnumerable<WorkflowDefinition> definitions, ExecutorOptions options)
    {
        _options = options;
        foreach (var definition in definitions)
        {
            if (!definition.Instantiable)
            {
                throw new ArgumentException($"{definition.Type} is abstract and can't be run as a workflow.");
            }

            if (definition.Name is { } name ? !_definitions.TryAdd(name, definition) : _dynamic is not null)
            {
                throw new ArgumentException($"Two workflows are named '{definition.Name ?? "(dynamic)"}': {definition.Type} and another.");
            }

            _dynamic ??= definition.Dynamic ? definition : null;
        }
    }

    /// <summary>Names of the registered workflow types, sorted.</summary>
    public IReadOnlyList<string> KnownTypes => [.. _definitions.Keys.Order(StringComparer.Ordinal)];

    public bool Knows(string workflowType) => _dynamic is not null || _definitions.ContainsKey(workflowType);

    public bool FailsOnNondeterminism(string workflowType) =>
        ((_definitions.GetValueOrDefault(workflowType) ?? _dynamic)?.FailureExceptionTypes ?? [])
        .Concat(_options.FailureExceptionTypes)
        .Any(static type => type.IsAssignableFrom(typeof(WorkflowNondeterminismException)));

    public IReadOnlyList<string> HandlersOf(string workflowType) =>
        _definitions.GetValueOrDefault(workflowType) is { } definition ? [.. definition.Signals.Keys.Concat(definition.Updates.Keys)] : [];

    public IWorkflowExecutor Create(string workflowId, WorkflowStarted started)
    {
        var definition = _definitions.GetValueOrDefault(started.WorkflowType) ?? _dynamic ?? throw new WorkflowTaskFailedException(
            WorkflowTaskFailedCause.UnknownWorkflowType,
            $"This process has no workflow type '{started.WorkflowType}'. Known types: {string.Join(", ", KnownTypes)}. Deploy it again, or terminate the workflow.");
        return new WorkflowExecutor(workflowId, definition, started, _options);
    }
}
