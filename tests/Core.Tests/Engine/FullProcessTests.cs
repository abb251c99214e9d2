using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Attempts that wait for a place in a full process have not started, and their time-outs pass all the same.</summary>
[TestClass]
public sealed class FullProcessTests
{
    private static readonly EngineOptions OnePlace = EngineHost.Options with { MaxConcurrentActivities = 1, SpillAfter = TimeSpan.FromSeconds(1) };

    [TestMethod]
    [DataRow(1, true, "ScheduleToStart 0")]
    [DataRow(2, true, "ScheduleToStart 1")]
    [DataRow(2, false, "ScheduleToClose 1")]
    public async Task Attempt_that_finds_no_place_in_time_times_out(int attempt, bool toStart, string expected)
    {
        var code = new Places();
        await using var host = new EngineHost([typeof(Holder), typeof(Asker)], code, OnePlace) { Lease = TimeSpan.FromDays(6) };
        var asker = attempt == 1 ? null : await host.Client.StartWorkflowAsync((Asker a) => a.RunAsync(toStart), new("a"));
        if (asker is not null)
        {
            await host.UntilAsync(() => Task.FromResult(code.Tries == 1), "the first attempt");
        }

        var holder = await host.Client.StartWorkflowAsync((Holder h) => h.RunAsync(), new("h"));
        await host.UntilAsync(() => Task.FromResult(code.Held), "the place to be taken");
        asker ??= await host.Client.StartWorkflowAsync((Asker a) => a.RunAsync(toStart), new("a"));

        Assert.AreEqual(expected, $"{await asker.GetResultAsync().WaitAsync(TimeSpan.FromSeconds(20))} {code.Tries}");
        code.Release.SetResult();
        await holder.GetResultAsync();
    }

    public sealed class Places
    {
        public int Tries { get; private set; }

        public bool Held { get; private set; }

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [Activity]
        public Task Hold()
        {
            Held = true;
            return Release.Task;
        }

        [Activity]
        public void Try()
        {
            Tries++;
            throw new InvalidOperationException("once more");
        }
    }

    [Workflow]
    public class Holder
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync((Places p) => p.Hold(), new() { StartToCloseTimeout = TimeSpan.FromDays(100) });
    }

    [Workflow]
    public class Asker
    {
        [WorkflowRun]
        public async Task<string> RunAsync(bool toStart)
        {
            try
            {
                await Workflow.ExecuteActivityAsync((Places p) => p.Try(), new()
                {
                    StartToCloseTimeout = TimeSpan.FromMinutes(1),
                    ScheduleToStartTimeout = toStart ? TimeSpan.FromSeconds(20) : null,
                    ScheduleToCloseTimeout = toStart ? null : TimeSpan.FromSeconds(30),
                    RetryPolicy = new() { InitialInterval = TimeSpan.FromSeconds(10) },
                });
                return "done";
            }
            catch (ActivityFailureException e) when (e.InnerException is TimeoutFailureException timeout)
            {
                return timeout.TimeoutType.ToString();
            }
        }
    }
}
