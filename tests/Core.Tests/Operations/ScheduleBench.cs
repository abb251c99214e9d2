using System.Globalization;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.Storage;
using Serverless.Tests.Engine;
using Serverless.Workflows;

namespace Serverless.Tests.Operations;

/// <summary>An engine whose clock the test moves from one thing that is due to the next. It is Monday, 2026-11-23, noon.</summary>
internal sealed class ScheduleBench : IAsyncDisposable
{
    public ScheduleBench(IHubStore? store = null, EngineHost? before = null, DataConverter? converter = null, double creepMilliseconds = 1)
    {
        Host = new EngineHost([typeof(Job)], null, EngineHost.Options, store ?? before?.Store, before?.Time, converter)
        {
            Creep = TimeSpan.FromMilliseconds(creepMilliseconds),
            StopAt = before?.Time.GetUtcNow() ?? new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
        };
    }

    public EngineHost Host { get; }

    public WorkflowClient Client => Host.Client;

    public DateTimeOffset Now => Host.Time.GetUtcNow();

    /// <summary>Starts jobs of so many minutes.</summary>
    public static ScheduleActionStartWorkflow Job(double minutes, string? fails = null) =>
        ScheduleActionStartWorkflow.Create((Job job) => job.RunAsync(minutes, fails), new WorkflowOptions("job", "default"));

    public static ScheduleSpec Hourly { get; } = new() { Intervals = [new(TimeSpan.FromHours(1))] };

    /// <summary>When actions were due, as in 23T13:00, with how their workflows stand, if they do not stand as usual.</summary>
    public async Task<string> JobsAsync(string usual = "Completed")
    {
        var jobs = new List<WorkflowExecution>();
        await foreach (var job in Client.ListWorkflowsAsync("WorkflowType = 'Job'"))
        {
            jobs.Add(job);
        }

        return string.Join(' ', jobs.OrderBy(static j => j.Id, StringComparer.Ordinal).Select(j => ShortTime(j.Id) + (j.Status.ToString() == usual ? "" : $"={j.Status}")));
    }

    /// <summary>The day and the time at the end of a workflow id; seconds only when there are some.</summary>
    public static string ShortTime(string id) => Short(DateTimeOffset.Parse(id[^20..], CultureInfo.InvariantCulture));

    public static string Short(DateTimeOffset time) => time.UtcDateTime.ToString(time.Second == 0 ? "dd'T'HH:mm" : "dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Lets time pass until all that came due in it is done.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Host.StopAt = Now + time;
        await Host.UntilAsync(
            async () =>
            {
                for (var looks = 0; looks < 3; looks++)
                {
                    await Task.Delay(1);
                    if (Now < Host.StopAt || !Host.IsQuiet || Host.NextVisible <= Now)
                    {
                        return false;
                    }
                }

                return true;
            },
            "quiet");
        Assert.IsNull(Host.HandlerFailure);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

[Workflow]
public class Job
{
    [WorkflowRun]
    public async Task<string> RunAsync(double minutes, string? fails)
    {
        var last = Workflow.Info.LastFailure?.Message
            ?? (Workflow.Info.LastResult?.FirstOrDefault() is { } result ? Workflow.PayloadConverter.ToValue<string>(result) : null);
        if (minutes > 0)
        {
            await Workflow.DelayAsync(TimeSpan.FromMinutes(minutes));
        }

        return fails is null ? $"{Workflow.Info.WorkflowId}<{last}" : throw new ApplicationFailureException(fails);
    }
}
