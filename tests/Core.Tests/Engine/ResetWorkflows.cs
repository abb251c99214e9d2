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

/// <summary>Does a bit of everything: a patch, a memo, a local activity, a child that it signals, an update, a timer and an activity that it cancels.</summary>
[Workflow]
public class Medley
{
    private bool _touched;

    [WorkflowRun]
    public async Task<string> RunAsync(string name)
    {
        if (Workflow.Patched("local"))
        {
            await Workflow.ExecuteLocalActivityAsync((Steps s) => s.Greet("local"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
        }

        Workflow.UpsertMemo(Serverless.Workflows.MemoUpdate.ValueSet("name", name));
        var child = await Workflow.StartChildWorkflowAsync((Collector c) => c.RunAsync(), new() { Id = $"{Workflow.Info.RunId}-{Workflow.NewGuid()}" });
        await child.SignalAsync(c => c.AddAsync(1));
        await child.SignalAsync(c => c.FinishAsync());
        await child.GetResultAsync();
        await Workflow.WaitConditionAsync(() => _touched, TimeSpan.FromHours(1));
        using var cancel = new CancellationTokenSource();
        var activity = Workflow.ExecuteActivityAsync<string>("Missing", [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), CancellationToken = cancel.Token });
        await Workflow.DelayAsync(TimeSpan.FromMinutes(5));
        cancel.Cancel();
        try
        {
            return await activity;
        }
        catch (Serverless.Exceptions.ActivityFailureException)
        {
            return name;
        }
    }

    [WorkflowUpdate]
    public async Task<string> TouchAsync(string by)
    {
        await Workflow.DelayAsync(TimeSpan.FromSeconds(30));
        _touched = true;
        return by;
    }
}

[Workflow]
public class Clerk
{
    [WorkflowRun]
    public async Task<string> RunAsync(string name)
    {
        await Workflow.ExecuteChildWorkflowAsync((Sleeper s) => s.RunAsync(3600), new() { Id = $"{Workflow.Info.WorkflowId}-sleeper" });
        return "done";
    }
}

[Workflow]
public class Echo
{
    [WorkflowRun]
    public async Task<string> RunAsync(string text) =>
        await Workflow.ExecuteActivityAsync((Steps s) => s.Greet(text), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
}

[Workflow]
public class Names
{
    private bool _go;

    [WorkflowQuery]
    public string[] Seen { get; private set; } = [];

    [WorkflowRun]
    public async Task<string[]> RunAsync()
    {
        Seen = [Workflow.Info.WorkflowId, Workflow.Info.RunId, $"{Workflow.NewGuid()}"];
        await Workflow.WaitConditionAsync(() => _go);
        return [.. Seen, Workflow.Info.WorkflowId, Workflow.Info.RunId, $"{Workflow.NewGuid()}"];
    }

    [WorkflowSignal]
    public Task GoAsync()
    {
        _go = true;
        return Task.CompletedTask;
    }
}

/// <summary>The code as it should be.</summary>
public static class Good
{
    [Workflow]
    public class Order
    {
        private bool _go;

        [WorkflowRun]
        public async Task<string> RunAsync(string name)
        {
            var first = await Workflow.ExecuteActivityAsync((Steps s) => s.Greet(name), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
            await Workflow.WaitConditionAsync(() => _go);
            var second = await Workflow.ExecuteActivityAsync((Steps s) => s.Greet("again"), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
            return $"{first}, {second}";
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _go = true;
            return Task.CompletedTask;
        }
    }
}

/// <summary>The same with a mistake.</summary>
public static class Bad
{
    [Workflow]
    public class Order
    {
        private bool _go;

        [WorkflowRun]
        public async Task<string> RunAsync(string name)
        {
            await Workflow.ExecuteActivityAsync((Steps s) => s.Greet(name), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
            await Workflow.WaitConditionAsync(() => _go);
            await Workflow.DelayAsync(TimeSpan.FromSeconds(5));
            throw new InvalidOperationException("a mistake");
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _go = true;
            return Task.CompletedTask;
        }
    }
}
