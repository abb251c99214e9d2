using System.Text.Json.Nodes;
using Serverless.Client;
using Serverless.History;

namespace Serverless.Functions.Http;

/// <summary>How workflows look in answers.</summary>
internal static class WorkflowViews
{
    public static JsonObject Summary(WorkflowSummary summary)
    {
        var node = StoredJson.Node(summary)!.AsObject();
        node.Remove("workflowId");
        node.Remove("workflowType");
        node.Insert(0, "id", summary.WorkflowId);
        node.Insert(2, "type", summary.WorkflowType);
        return node;
    }

    public static JsonObject Description(WorkflowDescription description)
    {
        var state = description.State;
        var node = Summary(description.Summary);
        if (state.BuildId is { } build)
        {
            node["buildId"] = build;
        }

        if (state.PinnedBuildId is { } pinned)
        {
            node["pinnedBuildId"] = pinned;
        }

        node["cancelRequested"] = state.CancelRequested;
        node["inboxCount"] = description.InboxCount;
        node["waitsFor"] = new JsonArray([.. WaitsFor(description).Select(text => JsonValue.Create(text))]);
        node["pendingActivities"] = new JsonArray([.. state.Activities.Select(pair => Activity(description, pair.Key, pair.Value))]);
        node["pendingTimers"] = new JsonArray([.. state.Timers.Select(pair => Timer(pair.Key, pair.Value))]);
        node["pendingChildren"] = new JsonArray([.. state.Children.Select(pair => Child(pair.Key, pair.Value))]);
        node["pendingExternals"] = new JsonArray([.. state.Externals.Values.Select(StoredJson.Event)]);
        node["pendingUpdates"] = new JsonArray([.. state.Updates.Where(pair => pair.Value.Completed is null).Select(pair => JsonValue.Create(pair.Key))]);
        if (description.Blocked is { } blocked)
        {
            node["blocked"] = StoredJson.Node(blocked);
        }

        return node;
    }

    private static JsonObject Activity(WorkflowDescription description, long id, ActivityScheduled scheduled)
    {
        var attempts = description.Attempts.GetValueOrDefault(id);
        var node = new JsonObject
        {
            ["eventId"] = id,
            ["id"] = scheduled.ActivityId,
            ["type"] = scheduled.ActivityType,
            ["taskQueue"] = scheduled.TaskQueue,
            ["scheduled"] = scheduled.Time,
            ["attempt"] = attempts?.Attempt ?? 1,
            ["cancelRequested"] = description.State.ActivityCancels.Contains(id),
        };
        if (attempts is not null)
        {
            node["nextAttempt"] = attempts.NextAttempt;
            node["lastFailure"] = StoredJson.Node(attempts.LastFailure);
            node["heartbeatDetails"] = StoredJson.Node(attempts.HeartbeatDetails);
        }

        return node;
    }

    private static JsonObject Timer(long id, TimerStarted timer) => new()
    {
        ["eventId"] = id,
        ["id"] = timer.TimerId,
        ["due"] = timer.Time + timer.Delay,
        ["summary"] = timer.Summary,
    };

    private static JsonObject Child(long id, PendingChild child) => new()
    {
        ["eventId"] = id,
        ["id"] = child.Initiated.WorkflowId,
        ["runId"] = child.Initiated.RunId,
        ["type"] = child.Initiated.WorkflowType,
        ["started"] = child.Started,
    };

    /// <summary>For people: one line for each thing that would let the workflow go on.</summary>
    private static IEnumerable<string> WaitsFor(WorkflowDescription description)
    {
        var state = description.State;
        if (!state.IsOpen)
        {
            yield break;
        }

        if (description.Blocked is { } blocked)
        {
            yield return $"a fix of its code: {blocked.Cause} since {blocked.Since:O}, tried {blocked.Attempts} times, next try {blocked.NextAttempt:O}";
        }

        foreach (var (id, activity) in state.Activities)
        {
            yield return description.Attempts.GetValueOrDefault(id) is { NextAttempt: { } next } attempts
                ? $"activity {activity.ActivityType}: attempt {attempts.Attempt} is due {next:O}"
                : $"activity {activity.ActivityType} on task queue {activity.TaskQueue}";
        }

        foreach (var timer in state.Timers.Values)
        {
            yield return $"timer {timer.TimerId}, due {timer.Time + timer.Delay:O}";
        }

        foreach (var child in state.Children.Values)
        {
            yield return $"child workflow {child.Initiated.WorkflowId} ({child.Initiated.WorkflowType})";
        }

        if (state.LastTask is null && description.Blocked is null)
        {
            yield return "its first task";
        }
        else if (description.Blocked is null && state.Activities.Count + state.Timers.Count + state.Children.Count == 0)
        {
            yield return description.InboxCount > 0 ? $"its next task{(state.PinnedBuildId is { } build ? $", which only build {build} may run" : "")}" : "a message or a condition of its own";
        }
    }
}
