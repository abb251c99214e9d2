using Serverless.Activities;
using Serverless.Common;
using Serverless.Operations.Schedules;
using Serverless.Workflows;

namespace Serverless.Operations;

/// <summary>
/// The platform's own workflows: durable work of the hub, run by every process that runs workflows. Their types begin with <see cref="MemberNames.SystemPrefix"/>.
/// What they store is plain JSON, encoded by the application's codec.
/// </summary>
internal static class SystemWorkflows
{
    public static IReadOnlyList<WorkflowDefinition> Workflows { get; } = [WorkflowDefinition.Create<BatchWorkflow>(), WorkflowDefinition.Create<ScheduleWorkflow>()];

    public static IReadOnlyList<ActivityDefinition> ActivitiesOn(SystemServices services) =>
    [
        .. ActivityDefinition.CreateAll(new BatchActivities(services)),
        .. ActivityDefinition.CreateAll(new ScheduleActivities(services)),
    ];
}
