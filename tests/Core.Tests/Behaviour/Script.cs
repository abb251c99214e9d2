using Serverless.Client;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>A workflow whose code is written in the test. It keeps what it is told by signal, and says so when asked.</summary>
[Workflow]
public class Script(Func<Task<object?>> code)
{
    /// <summary>The script whose code runs now.</summary>
    public static Script Me => (Script)Workflow.Instance;

    /// <summary>The words that came, in their order.</summary>
    public List<string> Words { get; } = [];

    [WorkflowQuery]
    public List<string> Notes { get; } = [];

    [WorkflowRun]
    public Task<object?> RunAsync() => code();

    [WorkflowSignal]
    public Task TellAsync(string word)
    {
        Words.Add(word);
        return Task.CompletedTask;
    }

    /// <summary>What a task throws; null when it throws nothing. The assertions of the test library can't be used in workflow code: they leave its scheduler.</summary>
    public static async Task<Exception?> FailureOf(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>Waits until a word has come.</summary>
    public static Task HearAsync(string word) => Workflow.WaitConditionAsync(() => Me.Words.Contains(word));
}

/// <summary>How tests start scripts.</summary>
internal static class Scripts
{
    /// <summary>Adds a script under a name.</summary>
    public static BehaviourSetup Add<T>(this BehaviourSetup setup, string name, Func<Task<T>> code) =>
        setup.Add(WorkflowDefinition.Create(typeof(Script), name, _ => new Script(async () => await code())));

    /// <summary>Adds a script under a name.</summary>
    public static BehaviourSetup Add(this BehaviourSetup setup, string name, Func<Task> code) => setup.Add(name, async () =>
    {
        await code();
        return "done";
    });

    /// <summary>Starts a script that was added under a name; that is its workflow id too, unless the options say otherwise.</summary>
    public static async Task<WorkflowHandle<Script>> StartAsync(this BehaviourRun run, string name, WorkflowOptions? options = null)
    {
        var handle = await run.Client.StartWorkflowAsync(name, [], options ?? new(name));
        return new WorkflowHandle<Script>(handle.Client, handle.Id, handle.RunId, handle.ResultRunId, handle.FirstExecutionRunId);
    }

    /// <summary>Starts a script and waits for its result.</summary>
    public static Task<T> ExecuteAsync<T>(this BehaviourRun run, string name, WorkflowOptions? options = null) =>
        run.Client.ExecuteWorkflowAsync<T>(name, [], options ?? new(name));

    /// <summary>Runs one script, warm and cold, and expects a result.</summary>
    public static Task Gives<T>(T expected, Func<Task<T>> code, Action<BehaviourSetup>? setup = null) => Behaviour.Run(
        s =>
        {
            s.Add("w", code);
            setup?.Invoke(s);
        },
        async run => Assert.AreEqual(expected, await run.ExecuteAsync<T>("w")));
}
