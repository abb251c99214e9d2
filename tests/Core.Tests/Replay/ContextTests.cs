using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Converters learn whose values they convert.</summary>
[TestClass]
public sealed class ContextTests
{
    [TestMethod]
    public void Each_value_is_converted_for_whom_it_concerns()
    {
        var seen = new List<string>();
        var minute = TimeSpan.FromMinutes(1);
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(async () =>
            {
                await Workflow.ExecuteActivityAsync("Pay", ["far"], new() { StartToCloseTimeout = minute, TaskQueue = "bank" });
                await ExecutorHarness.CaughtAsync(() => Workflow.ExecuteLocalActivityAsync("Near", ["near"], new() { StartToCloseTimeout = minute }));
                await ExecutorHarness.CaughtAsync(() => Workflow.GetExternalWorkflowHandle("other").SignalAsync("Hi", ["signal"]));
                throw Workflow.CreateContinueAsNewException("Next", ["end"]);
            }),
            [],
            null,
            o => o with { PayloadConverter = new Noting("nobody", seen), FailureConverter = new NotingFailures("nobody", seen) });

        run.Run();
        Assert.AreEqual("far for activity Pay on bank of wf", seen[0]);
        seen.Clear();
        run.Run(new ActivityCompleted(3, null));
        Assert.AreEqual("near for local activity Near on default of wf", seen[0]);
        seen.Clear();
        run.Run(new ActivityFailed(6, new Failure("no", new ApplicationFailureInfo("No", false)), Api.Enums.V1.RetryState.MaximumAttemptsReached));
        Assert.AreEqual("failure for local activity Near on default of wf, signal for workflow other", string.Join(", ", seen.Distinct().Take(2)));
        seen.Clear();
        run.Run(new ExternalSignalClosed(9, new Failure("gone", new ApplicationFailureInfo("Gone", false))));
        CollectionAssert.Contains(seen, "failure for workflow wf");
        CollectionAssert.Contains(seen, "end for workflow wf");
    }

    private static string Name(ISerializationContext context) => context switch
    {
        ISerializationContext.Activity a => $"{(a.IsLocal ? "local " : "")}activity {a.ActivityType} on {a.ActivityTaskQueue} of {a.WorkflowId}",
        ISerializationContext.Workflow w => $"workflow {w.WorkflowId}",
        _ => "?",
    };

    private sealed class Noting(string owner, List<string> seen) : IPayloadConverter, IWithSerializationContext<IPayloadConverter>
    {
        private readonly List<string> _seen = seen;

        public Payload ToPayload(object? value)
        {
            _seen.Add($"{value} for {owner}");
            return DataConverter.Default.PayloadConverter.ToPayload(value);
        }

        public object? ToValue(Payload payload, Type type) => DataConverter.Default.PayloadConverter.ToValue(payload, type);

        public IPayloadConverter WithSerializationContext(ISerializationContext context) => new Noting(Name(context), _seen);
    }

    private sealed class NotingFailures(string owner, List<string> seen) : DefaultFailureConverter, IWithSerializationContext<IFailureConverter>
    {
        private readonly List<string> _seen = seen;

        public override Exception ToException(Failure failure, IPayloadConverter payloadConverter)
        {
            _seen.Add($"failure for {owner}");
            return base.ToException(failure, payloadConverter);
        }

        public IFailureConverter WithSerializationContext(ISerializationContext context) => new NotingFailures(Name(context), _seen);
    }
}
