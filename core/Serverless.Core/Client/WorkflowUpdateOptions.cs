namespace Serverless.Client;

/// <summary>How far an update has come.</summary>
public enum WorkflowUpdateStage
{
    /// <summary>Not said; not allowed.</summary>
    None = 0,

    /// <summary>Stored. Not allowed as a stage to wait for.</summary>
    Admitted = 1,

    /// <summary>The validator let it pass, and its handler runs.</summary>
    Accepted = 2,

    /// <summary>Its handler has ended.</summary>
    Completed = 3,
}

/// <summary>Options of an update.</summary>
public class WorkflowUpdateOptions : CallOptions
{
    /// <summary>Uses the defaults.</summary>
    public WorkflowUpdateOptions()
    {
    }

    /// <summary>Gives an id.</summary>
    /// <param name="id">Id of the update.</param>
    public WorkflowUpdateOptions(string id) => Id = id;

    /// <summary>
    /// Makes a repeated call the same update, as long as the run that decided on it is the workflow's newest: a later run takes the id for another update.
    /// Default: a new one for each call.
    /// </summary>
    public string? Id { get; set; }
}

/// <summary>Options of an update that is waited for elsewhere.</summary>
public class WorkflowUpdateStartOptions : WorkflowUpdateOptions
{
    /// <summary>Uses the defaults; <see cref="WaitForStage"/> must be set.</summary>
    public WorkflowUpdateStartOptions()
    {
    }

    /// <summary>Says what to wait for.</summary>
    /// <param name="waitForStage">The stage.</param>
    public WorkflowUpdateStartOptions(WorkflowUpdateStage waitForStage) => WaitForStage = waitForStage;

    /// <summary>Gives an id and says what to wait for.</summary>
    /// <param name="id">Id of the update.</param>
    /// <param name="waitForStage">The stage.</param>
    public WorkflowUpdateStartOptions(string id, WorkflowUpdateStage waitForStage)
        : base(id) => WaitForStage = waitForStage;

    /// <summary>What to wait for: <see cref="WorkflowUpdateStage.Accepted"/> or <see cref="WorkflowUpdateStage.Completed"/>. Required.</summary>
    public WorkflowUpdateStage WaitForStage { get; set; }
}

/// <summary>Options of an update with a start.</summary>
public class WorkflowUpdateWithStartOptions : WorkflowUpdateOptions
{
    /// <summary>Uses the defaults; <see cref="StartWorkflowOperation"/> must be set.</summary>
    public WorkflowUpdateWithStartOptions()
    {
    }

    /// <summary>Says what to start.</summary>
    /// <param name="startWorkflowOperation">The start.</param>
    public WorkflowUpdateWithStartOptions(WithStartWorkflowOperation startWorkflowOperation) => StartWorkflowOperation = startWorkflowOperation;

    /// <summary>Gives an id and says what to start.</summary>
    /// <param name="id">Id of the update.</param>
    /// <param name="startWorkflowOperation">The start.</param>
    public WorkflowUpdateWithStartOptions(string id, WithStartWorkflowOperation startWorkflowOperation)
        : base(id) => StartWorkflowOperation = startWorkflowOperation;

    /// <summary>The start. Required, with an <see cref="WorkflowOptions.IdConflictPolicy"/>; each can be used once.</summary>
    public WithStartWorkflowOperation? StartWorkflowOperation { get; set; }
}

/// <summary>Options of an update with a start that is waited for elsewhere.</summary>
public class WorkflowStartUpdateWithStartOptions : WorkflowUpdateWithStartOptions
{
    /// <summary>Uses the defaults; start and stage must be set.</summary>
    public WorkflowStartUpdateWithStartOptions()
    {
    }

    /// <summary>Says what to start and what to wait for.</summary>
    /// <param name="startWorkflowOperation">The start.</param>
    /// <param name="waitForStage">The stage.</param>
    public WorkflowStartUpdateWithStartOptions(WithStartWorkflowOperation startWorkflowOperation, WorkflowUpdateStage waitForStage)
        : base(startWorkflowOperation) => WaitForStage = waitForStage;

    /// <summary>Gives an id and says what to start and what to wait for.</summary>
    /// <param name="id">Id of the update.</param>
    /// <param name="startWorkflowOperation">The start.</param>
    /// <param name="waitForStage">The stage.</param>
    public WorkflowStartUpdateWithStartOptions(string id, WithStartWorkflowOperation startWorkflowOperation, WorkflowUpdateStage waitForStage)
        : base(id, startWorkflowOperation) => WaitForStage = waitForStage;

    /// <summary>What to wait for: <see cref="WorkflowUpdateStage.Accepted"/> or <see cref="WorkflowUpdateStage.Completed"/>. Required.</summary>
    public WorkflowUpdateStage WaitForStage { get; set; }
}
