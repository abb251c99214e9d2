namespace Serverless.Tests.Docs;

/// <summary>The check finds what it is there to find.</summary>
[TestClass]
public sealed class PageCheckTests
{
    private const string Usings = "global using Serverless.Activities;\nglobal using Serverless.Client;\nglobal using Serverless.Workflows;";

    private const string Hello =
        """
        # Hello

        ```csharp
        [Workflow]
        public class Hello
        {
            [WorkflowRun]
            public async Task<string> RunAsync(string name)
            {
                await Workflow.DelayAsync(TimeSpan.FromDays(30));
                return await Workflow.ExecuteActivityAsync((Greeter g) => g.Greet(name), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
            }
        }

        public class Greeter
        {
            [Activity]
            public string Greet(string name) => $"Hello {name}";
        }
        ```

        """;

    [TestMethod]
    public async Task Example_ThatPrintsWhatThePageSays_Passes() => Assert.IsEmpty(await CheckAsync(
        Hello + Run("Console.WriteLine(await client.ExecuteWorkflowAsync((Hello h) => h.RunAsync(\"you\"), new(\"h\")));", "Hello you")));

    [TestMethod]
    public async Task Example_ThatPrintsSomethingElse_IsFound() => Contains(
        await CheckAsync(Hello + Run("Console.WriteLine(\"Hello\");", "Hello you")), "page.md(22): the example printed:\nHello\nThe page says:\nHello you");

    [TestMethod]
    public async Task Example_ThatThrows_IsFound() =>
        Contains(await CheckAsync(Hello + Run("throw new FormatException(\"oops\");", "")), "page.md(22): the example threw System.FormatException: oops");

    [TestMethod]
    public async Task Example_WhoseWorkflowIsBlocked_IsFoundWithTheReason() => Contains(
        await CheckAsync(Hello + Run("await client.ExecuteWorkflowAsync(\"Unknown\", [], new(\"u\"));", ""), TimeSpan.FromSeconds(1)),
        "'u' is Running; blocked: UnknownWorkflowType");

    [TestMethod]
    public async Task Code_ThatDoesNotCompile_IsFoundWithItsLine() =>
        Contains(await CheckAsync("text\n\n```csharp\nusing System.Text;\n\npublic class A\n{\n    int X => \"\";\n}\n```\n"), "page.md(8): CS0029");

    [TestMethod]
    public async Task Statements_ThatDoNotCompile_AreFoundWithTheirLine() =>
        Contains(await CheckAsync("```csharp\nvar a = 1;\n\nWorkflow.Sleep(a);\n```\n"), "page.md(4): CS0117");

    [TestMethod]
    public async Task Warnings_AreFound() => Contains(await CheckAsync("```csharp\nstring a = null;\nConsole.WriteLine(a);\n```\n"), "page.md(2): CS8600");

    [TestMethod]
    public async Task Internals_AreNotForPages() =>
        Contains(await CheckAsync("```csharp\nConsole.WriteLine(Serverless.Engine.QueueNames.Timers);\n```\n"), "page.md(2): CS0122");

    [TestMethod]
    public async Task UnknownMark_IsFound() => Contains(await CheckAsync("```csharp skip\nnonsense\n```\n"), "page.md(2): a C# block is marked");

    [TestMethod]
    public async Task HostBlock_DecidesWhatIsHosted() => Assert.IsEmpty(await CheckAsync(
        Hello + "```csharp host\noptions.AddWorkflow<Hello>();\noptions.AddActivities<Greeter>();\noptions.ActivityTaskQueues.Add(\"x\");\n```\n"
        + Run("Console.WriteLine(await client.ExecuteWorkflowAsync((Hello h) => h.RunAsync(\"host\"), new(\"h\")));", "Hello host")));

    [TestMethod]
    public async Task Clock_PassesOnlyWhenThePageWaits() => Assert.IsEmpty(await CheckAsync(Hello + Run(
        """
        var handle = await client.StartWorkflowAsync((Hello h) => h.RunAsync("you"), new("h"));
        await Clock.PassAsync(TimeSpan.FromDays(29.9));
        Console.WriteLine((await handle.DescribeAsync()).PendingTimerCount);
        await Clock.PassAsync(TimeSpan.FromDays(0.2));
        Console.WriteLine((await handle.DescribeAsync()).Status);
        """,
        "1\nCompleted")));

    private static Task<IReadOnlyList<string>> CheckAsync(string text, TimeSpan? limit = null) =>
        PageCheck.RunAsync(new MarkdownPage("page.md", text), Usings, limit ?? TimeSpan.FromSeconds(60));

    private static string Run(string code, string output) => $"```csharp run\n{code}\n```\n\n```text\n{output}\n```\n";

    private static void Contains(IReadOnlyList<string> problems, string text) => StringAssert.Contains(string.Join('\n', problems), text);
}
