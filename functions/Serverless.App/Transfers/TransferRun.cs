using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Api.Enums.V1;
using Serverless.App.Accounts;
using Serverless.App.Workflows;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Functions.Hosting;

namespace Serverless.App.Transfers;

/// <summary>
/// <c>run-transfers FILE</c>: runs every transfer of a file as a workflow and reconciles the books. The ids come from the file, so that a run that was
/// interrupted is simply started again: it joins what is there.
/// </summary>
internal static class TransferRun
{
    private const int Concurrent = 64;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static void Configure(WebApplicationBuilder builder)
    {
        // Failing attempts are part of the sample; only what needs attention is shown.
        builder.Configuration["Logging:LogLevel:Default"] = nameof(LogLevel.Error);
        builder.Configuration["Logging:LogLevel:Microsoft.AspNetCore"] = nameof(LogLevel.Error);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["urls"] = "http://127.0.0.1:0";
    }

    public static async Task<int> RunAsync(WebApplication app, string[] args)
    {
        if (args is not [var file] || !File.Exists(file))
        {
            await Console.Error.WriteLineAsync("Usage: run-transfers FILE, such as run-transfers samples/transfers.json");
            return 64;
        }

        var transfers = JsonSerializer.Deserialize<List<Transfer>>(await File.ReadAllTextAsync(file), _json)!;
        var accounts = app.Services.GetRequiredService<IAccountStore>();
        foreach (var account in transfers.SelectMany(t => new[] { t.From, t.To }).Distinct(StringComparer.Ordinal))
        {
            accounts.Apply(account, 0, $"open-{account}");
        }

        // Not what is there now: an interrupted run may have left money in flight.
        var expected = accounts.Balances().Count * IAccountStore.OpeningBalance;
        await app.StartAsync();
        await app.Services.GetRequiredService<HubReadiness>().WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        var started = Stopwatch.GetTimestamp();
        var outcomes = await RunAllAsync(app.Services.GetRequiredService<IWorkflowClient>(), transfers);
        var elapsed = Stopwatch.GetElapsedTime(started);
        await app.StopAsync();
        return Report(outcomes, expected, accounts.Balances().Values.Sum(), elapsed);
    }

    private static async Task<Dictionary<string, int>> RunAllAsync(IWorkflowClient client, List<Transfer> transfers)
    {
        Dictionary<string, int> outcomes = new() { ["completed"] = 0, ["compensated"] = 0, ["refused"] = 0 };
        var done = 0;
        await Parallel.ForEachAsync(transfers, new ParallelOptions { MaxDegreeOfParallelism = Concurrent }, async (transfer, _) =>
        {
            var outcome = await RunOneAsync(client, transfer);
            lock (outcomes)
            {
                outcomes[outcome]++;
                if (++done % 100 == 0 || done == transfers.Count)
                {
                    Console.Error.WriteLine($"{done} of {transfers.Count}");
                }
            }
        });
        return outcomes;
    }

    private static async Task<string> RunOneAsync(IWorkflowClient client, Transfer transfer)
    {
        try
        {
            var handle = await client.StartWorkflowAsync(
                (MoneyTransferWorkflow w) => w.RunAsync(transfer.Request()),
                new WorkflowOptions(transfer.Id, "default")
                {
                    IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
                    IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
                    RequestEagerStart = true,
                });
            return Name(await handle.GetResultAsync());
        }
        catch (WorkflowAlreadyStartedException)
        {
            return await JoinAsync(client, transfer);
        }
        catch (WorkflowFailedException)
        {
            return "refused";
        }
    }

    private static async Task<string> JoinAsync(IWorkflowClient client, Transfer transfer)
    {
        try
        {
            return Name(await client.GetWorkflowHandle<MoneyTransferWorkflow, TransferResult>(transfer.Id).GetResultAsync());
        }
        catch (WorkflowFailedException)
        {
            return "refused";
        }
    }

    private static string Name(TransferResult result) => result.Status == TransferStatus.Completed ? "completed" : "compensated";

    private static int Report(Dictionary<string, int> outcomes, decimal expected, decimal after, TimeSpan elapsed)
    {
        static void Line(string name, FormattableString value) => Console.WriteLine($"{name,-24}{value.ToString(CultureInfo.InvariantCulture),14}");
        Line("transfers completed", $"{outcomes["completed"]}");
        Line("compensated", $"{outcomes["compensated"]}");
        Line("refused (no funds)", $"{outcomes["refused"]}");
        Line("sum of opening balances", $"{expected:0.00}");
        Line("sum of balances now", $"{after:0.00}");
        Line("seconds", $"{elapsed.TotalSeconds:0.0}");
        Console.WriteLine(expected == after ? "The books balance." : "THE BOOKS DO NOT BALANCE.");
        return expected == after ? 0 : 1;
    }

    /// <summary>One entry of the file.</summary>
    private sealed record Transfer(string Id, string From, string To, decimal Amount, string? Reference, TransferFault Fault = TransferFault.None)
    {
        public TransferRequest Request() => new(From, To, Amount, Reference, Fault);
    }
}
