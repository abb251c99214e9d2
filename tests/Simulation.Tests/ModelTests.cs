using Serverless.Api.Enums.V1;
using Serverless.Simulation.Model;

namespace Serverless.Simulation.Tests;

/// <summary>The reference model tells what clients may be told from what they must not.</summary>
[TestClass]
public sealed class ModelTests
{
    private static readonly Told Refused = Told.Refuse;

    [TestMethod]
    public void Answers_that_some_order_explains_pass()
    {
        Assert.IsTrue(Explains(Start(0, 1, "r"), Add(2, 3, "a"), AddNow(4, 5, "b", "a", "b"), Final(6, WorkflowExecutionStatus.Running, "a", "b")));
        Assert.IsTrue(Explains(Start(0, 1, "r"), Add(2, 5, "a"), AddNow(3, 4, "b", "b"), Final(6, WorkflowExecutionStatus.Running, "b", "a")), "They overlap: either may be first.");
        Assert.IsTrue(Explains(Start(0, 1, "r"), Finish(2, 3), Add(4, 5, "a", Refused), Final(6, WorkflowExecutionStatus.Completed)), "It may end at once.");
        Assert.IsTrue(Explains(Start(0, 1, "r"), Finish(2, 3), Add(4, 5, "a"), Final(6, WorkflowExecutionStatus.Completed, "a")), "It may end later.");
    }

    [TestMethod]
    public void Message_that_was_accepted_is_not_lost() =>
        Assert.IsFalse(Explains(Start(0, 1, "r"), Add(2, 3, "a"), Finish(4, 5), Final(6, WorkflowExecutionStatus.Completed)));

    [TestMethod]
    public void Message_that_was_refused_is_not_applied() =>
        Assert.IsFalse(Explains(Start(0, 1, "r"), Finish(2, 3), Add(4, 5, "a", Refused), Final(6, WorkflowExecutionStatus.Completed, "a")));

    [TestMethod]
    public void Message_of_an_open_workflow_is_not_refused() =>
        Assert.IsFalse(Explains(Start(0, 1, "r"), Add(2, 3, "a", Refused), Final(4, WorkflowExecutionStatus.Running)));

    [TestMethod]
    public void Order_of_answers_is_kept() =>
        Assert.IsFalse(Explains(Start(0, 1, "r"), Add(2, 3, "a"), AddNow(4, 5, "b", "b"), Final(6, WorkflowExecutionStatus.Running, "b", "a")));

    [TestMethod]
    public void Workflow_does_not_end_by_itself() =>
        Assert.IsFalse(Explains(Start(0, 1, "r"), Final(2, WorkflowExecutionStatus.Canceled)));

    [TestMethod]
    public void Second_start_does_not_begin_beside_the_first()
    {
        Assert.IsFalse(Explains(Start(0, 1, "r"), Start(2, 3, "s"), Final(4, WorkflowExecutionStatus.Running)));
        Assert.IsTrue(Explains(Start(0, 1, "r"), Start(2, 3, "r", accepted: false), Final(4, WorkflowExecutionStatus.Running)));
    }

    private static bool Explains(params Operation[] operations) => new Linearization(operations).Exists();

    private static Operation Start(int asked, int answered, string run, bool accepted = true) => new(OperationKind.Start, asked)
    {
        Answered = answered, Conflict = WorkflowIdConflictPolicy.Fail, Reuse = WorkflowIdReusePolicy.AllowDuplicate, Told = new Told(accepted, run),
    };

    private static Operation Add(int asked, int answered, string token, Told? told = null) =>
        new(OperationKind.Add, asked) { Answered = answered, Token = token, Told = told ?? Told.Accept };

    private static Operation AddNow(int asked, int answered, string token, params string[] items) =>
        new(OperationKind.AddNow, asked) { Answered = answered, Token = token, Target = "r", Told = new Told(true, "r", items) };

    private static Operation Finish(int asked, int answered) => new(OperationKind.Finish, asked) { Answered = answered };

    private static Operation Final(int asked, WorkflowExecutionStatus status, params string[] items) =>
        new(OperationKind.Final, asked) { Answered = asked + 1, Runs = [("r", status, items)] };
}
