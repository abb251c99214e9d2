using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Code that may only look is refused whatever would change the run, and the refused call has changed nothing: neither ids nor values.</summary>
[TestClass]
public sealed class LookingTests
{
    private static readonly Dictionary<string, Func<Task>> Calls = new()
    {
        ["activity"] = static () => Workflow.ExecuteActivityAsync("Pay", [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) }),
        ["local activity"] = static () => Workflow.ExecuteLocalActivityAsync("Pay", [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) }),
        ["child"] = static () => Workflow.StartChildWorkflowAsync("Child", []),
        ["timer"] = static () => Workflow.DelayAsync(1000),
        ["condition"] = static () => Workflow.WaitConditionAsync(static () => false),
        ["signal"] = static () => Workflow.GetExternalWorkflowHandle("other").SignalAsync("Hi", []),
        ["signal with start"] = static () => Workflow.SignalWithStartWorkflowAsync("Other", [], "Hi", [], new("other", "q")),
        ["cancel another"] = static () => Workflow.GetExternalWorkflowHandle("other").CancelAsync(),
        ["patch"] = static () => Done(Workflow.Patched("p")),
        ["memo"] = static () => Done(() => Workflow.UpsertMemo(MemoUpdate.ValueSet("color", "red"))),
        ["attributes"] = static () => Done(() => Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateKeyword("Color").ValueSet("red"))),
        ["continuation"] = static () => Done(Workflow.CreateContinueAsNewException("Next", [])),
        ["dynamic signal"] = static () => Done(static () => Workflow.DynamicSignal = null),
        ["dynamic query"] = static () => Done(static () => Workflow.DynamicQuery = null),
        ["dynamic update"] = static () => Done(static () => Workflow.DynamicUpdate = null),
        ["set a handler"] = static () => Done(static () => Workflow.Signals["late"] = Handler),
        ["add a handler"] = static () => Done(static () => Workflow.Signals.Add("late", Handler)),
        ["remove a handler"] = static () => Done(static () => Workflow.Signals.Remove("Do")),
    };

    public static IEnumerable<object[]> Names => Calls.Keys.Select(static name => new object[] { name });

    private static WorkflowSignalDefinition Handler => WorkflowSignalDefinition.CreateWithoutAttribute("late", static () => Task.CompletedTask);

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_query_that_changes_something_is_refused_and_has_changed_nothing(string call)
    {
        using var run = ExecutorHarness.Of<Caller>();
        run.Run();

        var e = Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query("Try", [ExecutorHarness.Value(call)], WorkflowStarted.Empty));

        Assert.AreEqual("Nothing can be changed in query 'Try': it only looks.", e.Message);
        Assert.AreEqual("0 memo, 0 attributes, 0 dynamic, Do", run.Query<string>("State"));

        // The harness runs this in a second executor too, which was asked nothing: both must go the same way.
        run.Run(ExecutorHarness.Signal("Do", call));
    }

    [TestMethod]
    public void A_query_before_any_code_has_run_is_told_so()
    {
        using var run = ExecutorHarness.Of<Caller>();

        var e = Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query("State", [], WorkflowStarted.Empty));

        Assert.AreEqual("None of its code has run, so there is nothing to look at.", e.Message);
        run.Run();
        Assert.AreEqual("0 memo, 0 attributes, 0 dynamic, Do", run.Query<string>("State"));
    }

    [TestMethod]
    public void A_query_that_hides_the_refusal_fails_all_the_same()
    {
        using var run = ExecutorHarness.Of<Caller>();
        run.Run();

        var e = Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query("Hide", [ExecutorHarness.Value("timer")], WorkflowStarted.Empty));

        Assert.AreEqual("Nothing can be changed in query 'Hide': it only looks.", e.Message);
    }

    [TestMethod]
    public void A_query_that_cancels_a_step_fails_and_the_step_goes_on()
    {
        using var run = ExecutorHarness.Of<Stopper>();
        run.Run();

        var e = Assert.ThrowsExactly<QueryFailedException>(() => run.Live.Query("Stop", [], WorkflowStarted.Empty));

        StringAssert.Contains(e.Message, "Nothing can be changed in query 'Stop': it only looks.");
    }

    [TestMethod]
    public void A_copy_that_was_given_up_changes_nothing_through_handles_that_it_holds()
    {
        Func<ExternalWorkflowHandle, Task>[] calls =
        [
            static handle => handle.SignalAsync("Hi", []),
            static handle => handle.CancelAsync(),
        ];
        foreach (var call in calls)
        {
            ExternalWorkflowHandle? handle = null;
            using var run = ExecutorHarness.Of(async () =>
            {
                handle ??= Workflow.GetExternalWorkflowHandle("other");
                await Workflow.DelayAsync(1000);
                await call(handle);
            });
            run.Run();
            run.Live.Abandon();

            var e = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => run.Live.RunTask(new([new TimerFired(3)], run.Now, "x", null, 0)));

            StringAssert.Contains(e.Message, "This copy of the workflow was given up: its task took too long.");
        }
    }

    [TestMethod]
    public void The_options_of_a_dynamic_workflow_only_look()
    {
        using var run = ExecutorHarness.Of<Changing>();

        StringAssert.Contains(run.Fails().Message, "Nothing can be changed in the options of a dynamic workflow: it only looks.");
    }

    [TestMethod]
    public void A_condition_only_looks()
    {
        using var run = ExecutorHarness.Of(static () => Workflow.WaitConditionAsync(static () => Workflow.Patched("p")));

        StringAssert.StartsWith(
            run.Fails().Message,
            "A wait condition threw InvalidWorkflowOperationException: Nothing can be changed in a wait condition: it only looks. A condition only looks, and must not throw");
    }

    private static Task<object?> Done(object? value) => Task.FromResult(value);

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    [Workflow]
    public class Caller
    {
        [WorkflowQuery]
        public string State =>
            $"{Workflow.Memo.Count} memo, {Workflow.TypedSearchAttributes.Count} attributes, "
            + $"{new object?[] { Workflow.DynamicSignal, Workflow.DynamicQuery, Workflow.DynamicUpdate }.Count(static h => h is not null)} dynamic, {string.Join(' ', Workflow.Signals.Keys)}";

        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(static () => false);

        [WorkflowSignal]
        public Task DoAsync(string call) => Calls[call]();

        [WorkflowQuery]
        public int Try(string call) => Calls[call]() is { Exception.InnerException: { } refusal } ? throw refusal : 1;

        [WorkflowQuery]
        public int Hide(string call)
        {
            try
            {
                return Try(call);
            }
            catch (InvalidWorkflowOperationException)
            {
                return 0;
            }
        }
    }

    [Workflow]
    public sealed class Stopper : IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        public void Dispose() => _source.Dispose();

        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync(
            "Pay",
            [],
            new()
            {
                StartToCloseTimeout = TimeSpan.FromMinutes(1),
                CancellationToken = _source.Token,
                CancellationType = ActivityCancellationType.WaitCancellationCompleted,
            });

        [WorkflowQuery]
        public bool Stop()
        {
            _source.Cancel();
            return true;
        }
    }

    [Workflow(Dynamic = true)]
    public class Changing
    {
        [WorkflowDynamicOptions]
        public WorkflowDefinitionOptions Options()
        {
            Workflow.UpsertMemo(MemoUpdate.ValueSet("color", "red"));
            return new();
        }

        [WorkflowRun]
        public Task RunAsync(IRawValue[] args) => Task.CompletedTask;
    }
}
