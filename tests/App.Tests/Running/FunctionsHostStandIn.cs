using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Serverless.Testbed;

namespace App.Tests.Running;

/// <summary>
/// Does what the Functions host does for a custom handler: starts it with a port, polls the hub's queues from the beginning, posts each message with
/// text encoded twice and promoted metadata, deletes it after a 2xx JSON object, brings it back otherwise, and copies it to the poison queue in the end.
/// </summary>
internal sealed class FunctionsHostStandIn : IAsyncDisposable
{
    private const int MaxDequeueCount = 5;
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _visibilityTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _idlePause = TimeSpan.FromMilliseconds(100);

    private readonly string _connectionString;
    private readonly string _hub;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _invocations = [];
    private readonly List<Task> _pollers = [];

    private FunctionsHostStandIn(string connectionString, string hub, AppProcess handler)
    {
        _connectionString = connectionString;
        _hub = hub;
        Handler = handler;
    }

    public AppProcess Handler { get; }

    /// <summary>Starts the handler and, before it is ready, the queue listeners.</summary>
    /// <param name="connectionString">The storage account.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="workingDirectory">Where the handler keeps its files.</param>
    /// <param name="build">Build whose workflows stay with it; null: builds are not named.</param>
    /// <param name="drains">True: the functions that all builds share are disabled.</param>
    public static async Task<FunctionsHostStandIn> StartAsync(string connectionString, string hub, string workingDirectory, string? build = null, bool drains = false)
    {
        var root = await AppBuild.PublishedAsync();
        var hostJson = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(root, "host.json")))!;
        var executable = hostJson["customHandler"]!["description"]!["defaultExecutablePath"]!.GetValue<string>();
        var port = AppProcess.FreePort();
        (string, string)[] environment =
        [
            ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{port}"),
            ("ASPNETCORE_URLS", "http://127.0.0.1:1"), // The host's own, which the handler must not bind.
            ("AzureWebJobsStorage", connectionString),
            ("Serverless__Hub", hub),
            .. build is null ? ((string, string)[])[] : [("Serverless__BuildId", build), ("Serverless__DefaultVersioningBehavior", "Pinned")],
        ];
        var host = new FunctionsHostStandIn(connectionString, hub, AppProcess.Launch(Path.Combine(root, executable), workingDirectory, port, environment));
        var folders = Directory.EnumerateDirectories(root).Where(folder => File.Exists(Path.Combine(folder, "function.json")) && !drains);
        foreach (var folder in build is null ? folders : folders.Append(RepositoryRoot.PathOf("functions", "Optional", "PinnedWorkflowTask")))
        {
            var function = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "function.json")))!;
            var trigger = function["bindings"]!.AsArray().Single(binding => binding!["type"]!.GetValue<string>().EndsWith("Trigger", StringComparison.Ordinal))!;
            if (trigger["type"]!.GetValue<string>() == "queueTrigger")
            {
                var queue = trigger["queueName"]!.GetValue<string>()
                    .Replace("%Serverless:Hub%", hub, StringComparison.Ordinal).Replace("%Serverless:BuildId%", build, StringComparison.Ordinal);
                host._pollers.Add(host.PollAsync(Path.GetFileName(folder), trigger["name"]!.GetValue<string>(), queue));
            }
        }

        await host.Handler.UntilAsync("", HttpStatusCode.OK);
        return host;
    }

    public QueueClient Queue(string name) => new(_connectionString, $"{_hub}-{name}");

    /// <summary>Stops taking messages, lets the running invocations end and stops the handler by SIGTERM. Returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        var exit = Handler.TerminateAsync();
        await Task.WhenAll(_pollers);
        await Task.WhenAll(_invocations.Keys);
        return await exit;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_pollers);
        await Handler.DisposeAsync();
        await Task.WhenAll(_invocations.Keys);
        _stop.Dispose();
    }

    private async Task PollAsync(string function, string binding, string queueName)
    {
        var queue = new QueueClient(_connectionString, queueName);
        await queue.CreateIfNotExistsAsync();
        while (!_stop.IsCancellationRequested)
        {
            var messages = (await queue.ReceiveMessagesAsync(16, _lease)).Value;
            foreach (var message in messages)
            {
                var invocation = InvokeAsync(function, binding, queue, message);
                _invocations.TryAdd(invocation, 0);
                _ = invocation.ContinueWith(task => _invocations.TryRemove(task, out _), TaskScheduler.Default);
            }

            if (messages.Length == 0)
            {
                await Task.Delay(_idlePause);
            }
        }
    }

    private async Task InvokeAsync(string function, string binding, QueueClient queue, QueueMessage message)
    {
        if (await SucceedsAsync(function, binding, message))
        {
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
        }
        else if (message.DequeueCount >= MaxDequeueCount)
        {
            var poison = new QueueClient(_connectionString, $"{queue.Name}-poison");
            await poison.CreateIfNotExistsAsync();
            await poison.SendMessageAsync(message.Body);
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt);
        }
        else
        {
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: _visibilityTimeout);
        }
    }

    private async Task<bool> SucceedsAsync(string function, string binding, QueueMessage message)
    {
        try
        {
            using var content = new StringContent(Invocation(function, binding, message), Encoding.UTF8, "application/json");
            using var answer = await Handler.Http.PostAsync(function, content);
            return answer.IsSuccessStatusCode && JsonNode.Parse(await answer.Content.ReadAsStringAsync()) is JsonObject;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static string Invocation(string function, string binding, QueueMessage message)
    {
        var text = message.Body.ToString();
        var metadata = new JsonObject
        {
            ["DequeueCount"] = $"{message.DequeueCount}",
            ["Id"] = JsonSerializer.Serialize(message.MessageId),
            ["PopReceipt"] = JsonSerializer.Serialize(message.PopReceipt),
            ["sys"] = new JsonObject { ["MethodName"] = function, ["UtcNow"] = DateTimeOffset.UtcNow },
        };
        if (IsJsonObject(text, out var promoted))
        {
            foreach (var (name, value) in promoted)
            {
                metadata[name] = value?.DeepClone();
            }
        }

        return new JsonObject { ["Data"] = new JsonObject { [binding] = JsonSerializer.Serialize(text) }, ["Metadata"] = metadata }.ToJsonString();
    }

    private static bool IsJsonObject(string text, out JsonObject json)
    {
        try
        {
            json = JsonNode.Parse(text) as JsonObject ?? [];
            return true;
        }
        catch (JsonException)
        {
            json = [];
            return false;
        }
    }
}
