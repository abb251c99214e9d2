using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What both builds have in common: a workflow that waits to be told to go, and says which code it is.</summary>
public abstract class Waiting
{
    protected int Gone { get; private set; }

    protected abstract string Code { get; }

    [WorkflowQuery]
    public string Version() => Code;

    [WorkflowSignal]
    public Task GoAsync()
    {
        Gone++;
        return Task.CompletedTask;
    }

    protected async Task<string> SayAsync()
    {
        await Workflow.WaitConditionAsync(() => Gone > 0);
        return $"{Code} {Workflow.CurrentBuildId}";
    }
}

/// <summary>The older build.</summary>
public static class V1
{
    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Stays : Waiting
    {
        protected override string Code => "one";

        [WorkflowRun]
        public Task<string> RunAsync() => SayAsync();
    }

    [Workflow]
    public class Moves : Waiting
    {
        protected override string Code => "one";

        [WorkflowRun]
        public Task<string> RunAsync() => SayAsync();
    }

    [Workflow]
    public class Settles : Waiting
    {
        protected override string Code => "one";

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => Gone > 1);
            return await SayAsync();
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Sleeps
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(TimeSpan.FromSeconds(30));
            return $"one {Workflow.CurrentBuildId}";
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Mother : Waiting
    {
        protected override string Code => "one";

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await SayAsync();
            return await Workflow.ExecuteChildWorkflowAsync((Child c) => c.RunAsync(), new() { Id = $"{Workflow.Info.WorkflowId}-child" });
        }
    }

    [Workflow]
    public class Child
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(1000);
            return $"child one {Workflow.CurrentDeploymentVersion!.BuildId}";
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Retried : Waiting
    {
        protected override string Code => "one";

        [WorkflowRun]
        public async Task RunAsync()
        {
            await Workflow.WaitConditionAsync(() => Gone > 0 || Workflow.Info.Attempt > 1);
            throw new ApplicationFailureException($"attempt {Workflow.Info.Attempt} one {Workflow.CurrentBuildId}");
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Works : Waiting
    {
        protected override string Code => "one";

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var said = await SayAsync();
            return $"{await Workflow.ExecuteActivityAsync((BuildTests.Work w) => w.Step(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) })}, {said}";
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Rolls
    {
        private string? _how;

        [WorkflowRun]
        public async Task<string> RunAsync(string before = "")
        {
            await Workflow.WaitConditionAsync(() => _how is not null);
            var said = $"{before}one {Workflow.TargetWorkerDeploymentVersionChanged} {Workflow.CurrentBuildId}";
            return _how == "End"
                ? said
                : throw Workflow.CreateContinueAsNewException(
                    "Rolls", [said + ", "], new ContinueAsNewOptions { InitialVersioningBehavior = Enum.Parse<InitialVersioningBehavior>(_how!) });
        }

        [WorkflowSignal]
        public Task RollAsync(string how)
        {
            _how = how;
            return Task.CompletedTask;
        }
    }
}

/// <summary>The newer build.</summary>
public static class V2
{
    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Stays : Waiting
    {
        protected override string Code => "two";

        [WorkflowRun]
        public Task<string> RunAsync() => SayAsync();
    }

    [Workflow]
    public class Moves : Waiting
    {
        protected override string Code => "two";

        [WorkflowRun]
        public Task<string> RunAsync() => SayAsync();
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Settles : Waiting
    {
        protected override string Code => "two";

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => Gone > 1);
            return await SayAsync();
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Sleeps
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(TimeSpan.FromSeconds(30));
            return $"two {Workflow.CurrentBuildId}";
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Mother : Waiting
    {
        protected override string Code => "two";

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await SayAsync();
            return await Workflow.ExecuteChildWorkflowAsync((Child c) => c.RunAsync(), new() { Id = $"{Workflow.Info.WorkflowId}-child" });
        }
    }

    [Workflow]
    public class Child
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(1000);
            return $"child two {Workflow.CurrentDeploymentVersion!.BuildId}";
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Retried : Waiting
    {
        protected override string Code => "two";

        [WorkflowRun]
        public async Task RunAsync()
        {
            await Workflow.WaitConditionAsync(() => Gone > 0 || Workflow.Info.Attempt > 1);
            throw new ApplicationFailureException($"attempt {Workflow.Info.Attempt} two {Workflow.CurrentBuildId}");
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Works : Waiting
    {
        protected override string Code => "two";

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var said = await SayAsync();
            return $"{await Workflow.ExecuteActivityAsync((BuildTests.Work w) => w.Step(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) })}, {said}";
        }
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Rolls
    {
        private string? _how;

        [WorkflowRun]
        public async Task<string> RunAsync(string before = "")
        {
            await Workflow.WaitConditionAsync(() => _how is not null);
            var said = $"{before}two {Workflow.TargetWorkerDeploymentVersionChanged} {Workflow.CurrentBuildId}";
            return _how == "End"
                ? said
                : throw Workflow.CreateContinueAsNewException(
                    "Rolls", [said + ", "], new ContinueAsNewOptions { InitialVersioningBehavior = Enum.Parse<InitialVersioningBehavior>(_how!) });
        }

        [WorkflowSignal]
        public Task RollAsync(string how)
        {
            _how = how;
            return Task.CompletedTask;
        }
    }
}
