using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Has an activity, a timer and a child under way at once, notes signals, and waits to be told to finish.</summary>
[Workflow]
public class Juggler
{
    private int _noted;
    private bool _finish;

    [WorkflowQuery]
    public int Count() => _noted;

    [WorkflowRun]
    public async Task<string> RunAsync(string childId)
    {
        var child = Workflow.ExecuteChildWorkflowAsync((Dozer d) => d.RunAsync(childId), new() { Id = $"{Workflow.Info.WorkflowId}-child" });
        var step = Workflow.ExecuteActivityAsync((Steps s) => s.Greet("step"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
        var timer = Workflow.DelayAsync(TimeSpan.FromHours(1));
        await Workflow.WaitConditionAsync(() => _finish);
        var done = await step;
        await timer;
        return $"{_noted} {done} {await child}";
    }

    [WorkflowSignal]
    public Task NoteAsync(int value)
    {
        _noted += value;
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task FinishAsync()
    {
        _finish = true;
        return Task.CompletedTask;
    }
}

/// <summary>Sleeps for two hours, then greets.</summary>
[Workflow]
public class Dozer
{
    [WorkflowRun]
    public async Task<string> RunAsync(string name)
    {
        await Workflow.DelayAsync(TimeSpan.FromHours(2));
        return $"Hello {name}";
    }
}
