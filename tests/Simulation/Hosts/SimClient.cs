using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Simulation.Kernel;
using Serverless.Storage;

namespace Serverless.Simulation.Hosts;

/// <summary>
/// Somebody outside who asks any process that is up. A process may die over the question; then nobody knows whether it was done, and the client asks another one the same thing.
/// </summary>
internal sealed class SimClient(SimWorld world, Lane lane)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public TimeProvider Time => lane.Time;

    /// <summary>Asks until there is a definite answer: a result, or an error that is not storage's. The question must be one that may be repeated.</summary>
    public async Task<T> AskAsync<T>(Func<SimProcess, Task<T>> ask)
    {
        while (true)
        {
            var answer = await TryAskAsync(ask);
            if (answer.IsDefinite)
            {
                return answer.Value;
            }

            await Task.Delay(Pause, lane.Time);
        }
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task AskAsync(Func<WorkflowClient, Task> ask) => AskAsync(async process =>
    {
        await ask(process.Client!);
        return true;
    });

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task<T> AskAsync<T>(Func<WorkflowClient, Task<T>> ask) => AskAsync(process => ask(process.Client!));

    /// <summary>The result of a workflow, or of the last one of its chain of runs.</summary>
    public Task<T> ResultAsync<T>(string id) =>
        AskAsync(c => c.GetWorkflowHandle(id).GetResultAsync<T>(rpcOptions: new RpcOptions { Timeout = Patience / 2 }));

    /// <summary>Does nothing for a while, which may be longer than a timer's longest time.</summary>
    public async Task SleepAsync(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= LongestDelay)
        {
            await Task.Delay(left < LongestDelay ? left : LongestDelay, lane.Time);
        }
    }

    /// <summary>Asks once. Not definite: it may or may not have been done.</summary>
    public async Task<Answer<T>> TryAskAsync<T>(Func<SimProcess, Task<T>> ask)
    {
        if (world.AnyProcess() is not { } process)
        {
            return default;
        }

        try
        {
            var asked = process.Lane!.Run(() => ask(process));
            if (await Task.WhenAny(asked, Task.Delay(Patience, lane.Time)) != asked)
            {
                return default;
            }

            return new Answer<T>(true, await asked);
        }
        catch (Exception e) when (IsTransient(e))
        {
            return default;
        }
    }

    /// <summary>Several at a time.</summary>
    public Task WhenAllAsync(IEnumerable<Func<Task>> all) => Task.WhenAll(all.Select(one => lane.Run(one)).ToList());

    private static bool IsTransient(Exception e) => e is StorageException or OperationCanceledException or RpcTimeoutOrCanceledException
        or RpcException { Code: RpcException.StatusCode.Unavailable or RpcException.StatusCode.Aborted };
}

/// <summary>What came of a question.</summary>
internal readonly record struct Answer<T>(bool IsDefinite, T Value);
