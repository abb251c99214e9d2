using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>A failed or timed out run says whether another attempt follows, and if not, why.</summary>
[TestClass]
public sealed class WorkflowRetryStateTests
{
    [TestMethod]
    [DataRow(0, false, "RetryPolicyNotSet")]
    [DataRow(1, false, "MaximumAttemptsReached")]
    [DataRow(3, false, "InProgress InProgress MaximumAttemptsReached")]
    [DataRow(3, true, "NonRetryableFailure")]
    [DataRow(9, false, "InProgress InProgress Timeout")]
    public async Task Failed_runs_say_whether_they_are_retried(int attempts, bool final, string expected)
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => throw new ApplicationFailureException("no", nonRetryable: final)),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w")
                {
                    RetryPolicy = attempts == 0 ? null : new() { MaximumAttempts = attempts, InitialInterval = TimeSpan.FromMinutes(1) },
                    ExecutionTimeout = TimeSpan.FromMinutes(5),
                });
                await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
                await run.PassAsync(TimeSpan.FromSeconds(1));
                Assert.AreEqual(expected, string.Join(" ", (await run.AllAsync()).Select(static r => ((WorkflowFailed)r.History[^1]).RetryState)));
            });
    }

    [TestMethod]
    [DataRow("fails", "MaximumAttemptsReached")]
    [DataRow("is refused", "NonRetryableFailure")]
    [DataRow("sleeps", "MaximumAttemptsReached")]
    [DataRow("sleeps for ever", "Timeout")]
    [DataRow("fails once", "RetryPolicyNotSet")]
    public async Task Parents_are_told_why_a_child_was_not_retried(string what, string expected)
    {
        await Behaviour.Run(
            setup => setup
                .Add("child", () => what.StartsWith("sleeps", StringComparison.Ordinal)
                    ? Workflow.DelayAsync(TimeSpan.FromDays(1))
                    : throw new ApplicationFailureException("no", nonRetryable: what == "is refused"))
                .Add("w", async () =>
                {
                    var failure = (ChildWorkflowFailureException)(await Script.FailureOf(Workflow.ExecuteChildWorkflowAsync("child", [], new()
                    {
                        RetryPolicy = what == "fails once" ? null : new RetryPolicy { MaximumAttempts = 2 },
                        RunTimeout = what == "sleeps" ? TimeSpan.FromHours(1) : null,
                        ExecutionTimeout = TimeSpan.FromHours(3),
                    })))!;
                    return failure.RetryState.ToString();
                }),
            async run => Assert.AreEqual(expected, await run.ExecuteAsync<string>("w")));
    }
}
