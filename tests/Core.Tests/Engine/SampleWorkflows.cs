using Serverless.Activities;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

public sealed class Steps
{
    private int _failures;

    public int FailFirst { get; set; }

    public List<string> Calls { get; } = [];

    [Activity]
    public string Greet(string name)
    {
        lock (Calls)
        {
            Calls.Add(name);
            if (_failures++ < FailFirst)
            {
                throw new InvalidOperationException($"failure {_failures}");
            }
        }

        return $"Hello {name}";
    }
}

[Workflow]
public class Hello
{
    [WorkflowRun]
    public Task<string> RunAsync(string name) => Task.FromResult($"Hello {name}");
}

[Workflow]
public class Chain
{
    [WorkflowRun]
    public async Task<int> RunAsync(int length)
    {
        for (var i = 0; i < length; i++)
        {
            await Workflow.ExecuteActivityAsync((Steps s) => s.Greet("step"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
        }

        return length;
    }
}

[Workflow]
public class FanOut
{
    [WorkflowRun]
    public async Task<int> RunAsync(int width)
    {
        var all = Enumerable.Range(0, width).Select(
            i => Workflow.ExecuteActivityAsync((Steps s) => s.Greet($"{i}"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) }));
        return (await Workflow.WhenAllAsync(all)).Length;
    }
}

[Workflow]
public class Sleeper
{
    [WorkflowRun]
    public async Task<DateTime> RunAsync(double seconds)
    {
        await Workflow.DelayAsync(TimeSpan.FromSeconds(seconds));
        return Workflow.UtcNow;
    }
}

[Workflow]
public class Collector
{
    private readonly List<int> _seen = [];
    private bool _done;

    [WorkflowRun]
    public async Task<List<int>> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => _done);
        return _seen;
    }

    [WorkflowSignal]
    public Task AddAsync(int value)
    {
        _seen.Add(value);
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task FinishAsync()
    {
        _done = true;
        return Task.CompletedTask;
    }

    [WorkflowQuery]
    public int Count() => _seen.Count;

    [WorkflowUpdate]
    public Task<int> AddNowAsync(int value)
    {
        _seen.Add(value);
        return Task.FromResult(_seen.Count);
    }

    [WorkflowUpdateValidator(nameof(AddNowAsync))]
    public void CheckAddNow(int value)
    {
        if (value < 0)
        {
            throw new ApplicationFailureException("negative");
        }
    }
}

[Workflow]
public class Parent
{
    [WorkflowRun]
    public async Task<string> RunAsync(string name) =>
        await Workflow.ExecuteChildWorkflowAsync((Hello h) => h.RunAsync(name), new() { Id = $"{Workflow.Info.WorkflowId}-child" });
}

[Workflow]
public class Caller
{
    [WorkflowRun]
    public async Task<int> RunAsync(int count)
    {
        var id = $"{Workflow.Info.WorkflowId}-collector";
        for (var i = 1; i <= count; i++)
        {
            await Workflow.SignalWithStartWorkflowAsync((Collector c) => c.RunAsync(), c => c.AddAsync(i), new(id, "default"));
        }

        await Workflow.GetExternalWorkflowHandle<Collector>(id).SignalAsync(c => c.FinishAsync());
        return count;
    }
}

[Workflow]
public class Roller
{
    [WorkflowRun]
    public async Task<int> RunAsync(int left)
    {
        await Workflow.DelayAsync(1);
        return left == 0 ? 0 : throw Workflow.CreateContinueAsNewException((Roller r) => r.RunAsync(left - 1));
    }
}

[Workflow]
public class Failing
{
    [WorkflowRun]
    public async Task<string> RunAsync(int attempts) => await Workflow.ExecuteActivityAsync(
        (Steps s) => s.Greet("x"),
        new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new RetryPolicy { MaximumAttempts = attempts } });
}

[Workflow]
public class FailingElsewhere
{
    [WorkflowRun]
    public async Task<string> RunAsync(string name) => await Workflow.ExecuteActivityAsync(
        (Steps s) => s.Greet(name),
        new() { TaskQueue = "elsewhere", StartToCloseTimeout = TimeSpan.FromMinutes(1), ScheduleToStartTimeout = TimeSpan.FromDays(1) });
}

[Workflow]
public class Cancellable
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        try
        {
            await Workflow.DelayAsync(TimeSpan.FromDays(3650));
            return "slept";
        }
        catch (Exception e) when (TemporalException.IsCanceledException(e))
        {
            return "cancelled";
        }
    }
}
