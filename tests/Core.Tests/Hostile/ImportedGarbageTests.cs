using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using FaultyHubStore = Serverless.Tests.Engine.FaultyHubStore;

namespace Core.Tests.Hostile;

/// <summary>Lines that are almost those of an export: stored or refused, and the hub can be read afterwards.</summary>
[TestClass]
public sealed class ImportedGarbageTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> Values = Gen.OneOf(
        "null", "0", "-1", "\"\"", "\"x\"", "\"-1\"", "9223372036854775808", "\"9223372036854775807\"", "1e400", "true", "[]", "{}", "[null]", "\"SURROGATE\"", "\"a/b?c#\\u0000\"", "\"2026-13-45\"",
        "\"Running\"", "\"Completed\"", "{\"json\":1}", $"\"{new string('y', 600)}\"");

    [TestMethod]
    public async Task Changed_lines_are_imported_or_refused()
    {
        var lines = await ExportedAsync();
        await using var host = Deaf(new MemoryHubStore(new FakeTimeProvider(Begin)));
        var number = 0;
        var (stored, refused) = (0, 0);
        var change = Gen.Select(Gen.Int[0, int.MaxValue], Values, Gen.Bool);
        Gen.Select(Gen.OneOf(lines), change.Array[1, 3], Gen.OneOf(Gen.Const((Func<byte[], byte[]>?)null), Damage.Some.Select(static d => (Func<byte[], byte[]>?)d))).Sample(
            (line, changes, damage) =>
            {
                var id = $"w{number++}";
                var text = Changed(line.Replace("\"workflowId\":\"w\"", $"\"workflowId\":\"{id}\"", StringComparison.Ordinal), changes);
                text = damage is null ? text : Encoding.UTF8.GetString(damage(Encoding.UTF8.GetBytes(text)));
                _ = ImportAsync(host, text).GetAwaiter().GetResult() ? stored++ : refused++;
                _ = ReadAsync(host, id).GetAwaiter().GetResult();
            },
            iter: 3_000,
            threads: 1);
        Assert.IsGreaterThan(100, stored);
        Assert.IsGreaterThan(100, refused);
        await host.Engine.Reader.ListAsync(null, 100, null, default);
    }

    private static async Task<bool> ImportAsync(EngineHost host, string line)
    {
        try
        {
            await foreach (var _ in host.Engine.Hub.ImportAsync(Of(line), merge: true, default))
            {
                // Each report is looked at by nobody.
            }

            return true;
        }
        catch (WorkflowServiceException)
        {
            return false;
        }
    }

    private static async Task<bool> ReadAsync(EngineHost host, string id)
    {
        try
        {
            await host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default);
            await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef(id), 0, default, default);
            return true;
        }
        catch (WorkflowServiceException)
        {
            return false;
        }
    }

    /// <summary>Puts values in the place of others.</summary>
    private static string Changed(string line, (int At, string Value, bool Remove)[] changes)
    {
        var root = JsonNode.Parse(line)!;
        foreach (var (at, value, remove) in changes)
        {
            var nodes = All(root).Where(static n => n.Parent is not null).ToList();
            if (nodes.Count == 0 || nodes[at % nodes.Count] is not { Parent: { } parent } node)
            {
                continue;
            }

            switch (parent)
            {
                case JsonObject o when remove: o.Remove(node.GetPropertyName()); break;
                case JsonObject o: o[node.GetPropertyName()] = JsonNode.Parse(value); break;
                case JsonArray a when remove: a.Remove(node); break;
                case JsonArray a: a[node.GetElementIndex()] = JsonNode.Parse(value); break;
            }
        }

        return root.ToJsonString().Replace("SURROGATE", "\\ud800", StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> All(JsonNode node) => node switch
    {
        JsonObject o => [o, .. o.Where(static p => p.Value is not null).SelectMany(static p => All(p.Value!))],
        JsonArray a => [a, .. a.Where(static i => i is not null).SelectMany(static i => All(i!))],
        _ => [node],
    };

    private static async Task<string[]> ExportedAsync()
    {
        var lines = new List<string>();
        foreach (var type in new[] { "Collector", "Hello", "Sleeper" })
        {
            var time = new FakeTimeProvider(Begin);
            var memory = new MemoryHubStore(time);
            await using (var one = new EngineHost([typeof(Hello), typeof(Collector), typeof(Sleeper)], new Steps(), EngineHost.Options, memory, time) { Jumps = false })
            {
                await one.StartAsync(type, "w", false, type switch { "Hello" => ["x"], "Sleeper" => [300_000.0], _ => [] });
                await (type == "Collector" ? one.SignalAsync("w", "Add", 1) : Task.CompletedTask);
                await one.UntilAsync(async () => one.IsQuiet && (await one.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).State.LastEventId > 2, "the first task");
            }

            await using var deaf = Deaf(memory);
            await (type == "Collector" ? deaf.SignalAsync("w", "Add", 2) : Task.CompletedTask);
            await foreach (var report in deaf.Engine.Hub.ExportAsync(null, default))
            {
                if (report is HubReport.Line line)
                {
                    lines.Add(line.Json);
                }
            }
        }

        return [.. lines];
    }

    private static EngineHost Deaf(MemoryHubStore memory) => new(
        [typeof(Hello), typeof(Collector), typeof(Sleeper)], new Steps(), EngineHost.Options with { Identity = "deaf" },
        new FaultyHubStore(memory, static (_, _) => Fault.None) { IsDeaf = true }, new FakeTimeProvider(Begin + TimeSpan.FromHours(1)));

    private static async IAsyncEnumerable<string> Of(string line)
    {
        await Task.Yield();
        yield return line;
    }
}
