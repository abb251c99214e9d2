namespace Serverless.Simulation.Model;

/// <summary>
/// Seeks an order of the operations on one workflow id, each at one moment between question and answer, in which the model gives every answer that the clients got. When there is none, no
/// correct platform can have given them.
/// </summary>
internal sealed class Linearization(IReadOnlyList<Operation> operations)
{
    /// <summary>Operations that can be told apart.</summary>
    public const int MaxOperations = 64;

    private readonly HashSet<(ulong Done, string State)> _dead = [];

    /// <summary>What must have been done in the end.</summary>
    private readonly ulong _all = Enumerable.Range(0, operations.Count).Where(i => !operations[i].IsGhost).Aggregate(0UL, static (all, i) => all | (1UL << i));

    public bool Exists() => operations.Count <= MaxOperations
        ? Goes(0, ModelState.Empty)
        : throw new ArgumentException($"{operations.Count} operations on one workflow id are more than {MaxOperations}.");

    private bool Goes(ulong done, ModelState state)
    {
        if ((done & _all) == _all)
        {
            return true;
        }

        if (!_dead.Add((done, state.Key)))
        {
            return false;
        }

        // What was asked before the first answer that is still to come may have happened next.
        var firstAnswer = Left(done).Min(i => operations[i].Answered);
        var possible = Left(done).Where(i => operations[i].Asked < firstAnswer).ToList();
        return possible.Exists(i => state.After(operations[i]).Any(next => Goes(done | (1UL << i), next)))
            || state.Endings(possible.Exists(i => Terminates(operations[i]))).Any(next => Goes(done, next));
    }

    private static bool Terminates(Operation operation) =>
        operation is { Kind: OperationKind.Start, Conflict: Api.Enums.V1.WorkflowIdConflictPolicy.TerminateExisting };

    private IEnumerable<int> Left(ulong done) => Enumerable.Range(0, operations.Count).Where(i => (done & (1UL << i)) == 0);
}
