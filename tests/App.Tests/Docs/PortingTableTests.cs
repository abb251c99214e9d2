namespace App.Tests.Docs;

/// <summary>Each check of the porting page finds what it is for.</summary>
[TestClass]
public sealed class PortingTableTests
{
    [TestMethod]
    public void RowsThatAreTrue_HaveNoProblem() => Assert.IsEmpty(Problems(
        "| `Workflow`: `DelayAsync`, `UtcNow` | `Workflow` | same |",
        "| `Workflow.Unsafe`: `IsReplaying` | `Workflow.Unsafe` | same |",
        "| `ChildWorkflowHandle<TWorkflow, TResult>`: `GetResultAsync`, `Id` | `ChildWorkflowHandle<TWorkflow, TResult>` | same |",
        "| `TemporalClient`: `StartWorkflowAsync`, `ExecuteUpdateWithStartWorkflowAsync` | `WorkflowClient` | same |",
        "| `SearchAttributeKey`: `==`, `CreateText` | `SearchAttributeKey` | same |",
        "| `TemporalWorkerOptions`: `GracefulShutdownTimeout` | `ServerlessWorkflowsOptions`: `ShutdownTimeout` | differs: another name |",
        "| `Gone`: `Thing` | – | not applicable: there is no such thing |"));

    [TestMethod]
    public void MemberThatIsNotHere_IsFound() =>
        Assert.AreEqual("line 2: Workflow has no public SleepAsync", Problems("| `Workflow`: `DelayAsync`, `SleepAsync` | `Workflow` | same |").Single());

    [TestMethod]
    public void MemberThatIsNotPublic_IsFound() =>
        Assert.AreEqual("line 2: Workflow has no public Run", Problems("| `Workflow`: `Run` | `Workflow` | differs: how |").Single());

    [TestMethod]
    public void ConstructorThatOnlyCopies_IsNone() => Assert.AreEqual(
        "line 2: VersioningOverride has no public new", Problems("| `VersioningOverride`: `new` | `VersioningOverride` | same |").Single());

    [TestMethod]
    public void OtherNumberOfTypeParameters_IsAnotherType() =>
        Assert.AreEqual("line 2: there is no public type 'Workflow<T>'", Problems("| `Workflow` | `Workflow<T>` | same |").Single());

    [TestMethod]
    [DataRow("missing")]
    [DataRow("not yet")]
    [DataRow("not applicable: ")]
    [DataRow("differs")]
    public void StateWithoutReason_IsFound(string state) => Assert.Contains("no state", Problems($"| `Workflow` | – | {state} |").Single());

    [TestMethod]
    public void ThingThatIsSaidToBeMissing_ButIsHere_IsFound()
    {
        Assert.AreEqual("line 2: Workflow is here, UtcNow too: say so", Problems("| `Workflow`: `UtcNow`, `Gone` | – | not yet: wait |").Single());
        Assert.AreEqual("line 2: Mutex is here: say so", Problems("| `Mutex` | – | not yet: wait |").Single());
        Assert.IsEmpty(Problems("| `Workflow`: `Gone` | – | not yet: wait |", "| `Gone` | – | not yet: wait |", "| `Mutex` | `Mutex` | not yet: compiles |"));
        Assert.AreEqual("line 2: there is no public type 'Gone'", Problems("| `Gone` | `Gone` | not yet: compiles |").Single());
    }

    [TestMethod]
    public void MemberThatNoRowNames_IsFound()
    {
        var rows = PortingTable.Read("### Temporalio.Workflows\n| `Mutex`: `ReleaseMutex` | `Mutex` | same |");

        CollectionAssert.AreEqual(
            new[] { "Temporalio.Workflows.Mutex.WaitOneAsync" },
            PortingTable.Unnamed(["Temporalio.Workflows.Mutex", "Temporalio.Workflows.Mutex.ReleaseMutex", "Temporalio.Workflows.Mutex.WaitOneAsync"], rows).ToList());
    }

    private static List<string> Problems(params string[] rows) =>
        [.. PortingTable.Read("### Temporalio.Workflows\n" + string.Join('\n', rows)).Select(row => row.Problem()).OfType<string>()];
}
