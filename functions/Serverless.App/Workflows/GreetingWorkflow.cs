using Serverless.Workflows;

namespace Serverless.App.Workflows;

/// <summary>Keeps a greeting that can be asked for and changed, until it is told to finish.</summary>
[Workflow("Greeting")]
internal sealed class GreetingWorkflow
{
    private readonly string _name;
    private string _salutation = "Hello";
    private bool _isFinished;

    [WorkflowInit]
    public GreetingWorkflow(string name) => _name = name;

    /// <summary>The greeting as it is now.</summary>
    [WorkflowQuery("greeting")]
    public string Greeting => $"{_salutation}, {_name}!";

    [WorkflowRun]
    public async Task<string> RunAsync(string name)
    {
        await Workflow.WaitConditionAsync(() => _isFinished);
        return Greeting;
    }

    [WorkflowSignal("setSalutation")]
    public Task SetSalutationAsync(string salutation)
    {
        _salutation = salutation;
        return Task.CompletedTask;
    }

    [WorkflowSignal("finish")]
    public Task FinishAsync()
    {
        _isFinished = true;
        return Task.CompletedTask;
    }
}
