using Serverless.Api.Enums.V1;
using Serverless.Client.Interceptors;
using Serverless.Client.Schedules;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Operations.Schedules;

namespace Serverless.Client;

internal sealed partial class ClientOutboundEnd
{
    /// <summary>How often an update of a schedule begins anew when another one came between.</summary>
    private const int TriesPerScheduleUpdate = 20;

    private const int SchedulesPerPage = 100;

    private IScheduleService Schedules => services.Schedules ?? throw new NotSupportedException("This client has no schedules.");

    public override async Task<ScheduleHandle> CreateScheduleAsync(CreateScheduleInput input)
    {
        ArgumentNullException.ThrowIfNull(input.Schedule);
        var options = input.Options ?? new();
        var memo = options.Memo is { } values ? await ScheduleForms.ConverterOfSchedule(client.Options, input.Id).EncodeAsync(values) : null;
        var creation = new ScheduleCreation(input.Id, await ScheduleForms.ToStoredAsync(input.Schedule, client.Options))
        {
            Trigger = options.TriggerImmediately ? input.Schedule.Policy.Overlap : null,
            Backfills = ScheduleForms.SpansOf(options.Backfills),
            Memo = memo ?? WorkflowStarted.Empty,
            SearchAttributes = options.TypedSearchAttributes?.ToPayloads() ?? WorkflowStarted.Empty,
            RequestId = services.NewId(),
        };
        await _calls.RunAsync(options.Rpc, async token =>
        {
            try
            {
                await Schedules.CreateAsync(creation, token);
            }
            catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.AlreadyStarted)
            {
                throw new ScheduleAlreadyRunningException();
            }
        });
        return new(client, input.Id);
    }

    public override Task BackfillScheduleAsync(BackfillScheduleInput input)
    {
        var spans = ScheduleForms.SpansOf(input.Backfills);
        return _calls.RunAsync(input.RpcOptions, token => Schedules.BackfillAsync(input.Id, spans, token));
    }

    public override Task DeleteScheduleAsync(DeleteScheduleInput input) => _calls.RunAsync(input.RpcOptions, token => Schedules.DeleteAsync(input.Id, token));

    public override async Task<ScheduleDescription> DescribeScheduleAsync(DescribeScheduleInput input)
    {
        var view = await _calls.RunAsync(input.RpcOptions, token => Schedules.DescribeAsync(input.Id, token));
        return await ScheduleForms.DescriptionAsync(input.Id, view, client.Options);
    }

    public override Task PauseScheduleAsync(PauseScheduleInput input) =>
        _calls.RunAsync(input.RpcOptions, token => Schedules.PauseAsync(input.Id, true, input.Note ?? "Paused by a client.", token));

    public override Task UnpauseScheduleAsync(UnpauseScheduleInput input) =>
        _calls.RunAsync(input.RpcOptions, token => Schedules.PauseAsync(input.Id, false, input.Note ?? "Let go on by a client.", token));

    public override Task TriggerScheduleAsync(TriggerScheduleInput input) => _calls.RunAsync(
        input.Options?.Rpc, token => Schedules.TriggerAsync(input.Id, input.Options?.Overlap ?? ScheduleOverlapPolicy.Unspecified, token));

    public override async Task UpdateScheduleAsync(UpdateScheduleInput input)
    {
        for (var attempt = 1; attempt <= TriesPerScheduleUpdate; attempt++)
        {
            var description = await DescribeScheduleAsync(new(input.Id, input.RpcOptions));
            if (await input.Updater(new(description)) is not { } update)
            {
                return;
            }

            var change = new ScheduleChange
            {
                Version = description.Version,
                Schedule = await ScheduleForms.ToStoredAsync(update.Schedule, client.Options),
                Attributes = update.TypedSearchAttributes is { } attributes ? ScheduleForms.WireFormOf(attributes) : null,
            };
            var requestId = services.NewId();
            if (await _calls.RunAsync(input.RpcOptions, token => Schedules.UpdateAsync(input.Id, change, requestId, token)))
            {
                return;
            }
        }

        throw new RpcException(RpcException.StatusCode.Aborted, $"Schedule '{input.Id}' was changed {TriesPerScheduleUpdate} times while it was to be updated. Try again.");
    }

    public override async IAsyncEnumerable<ScheduleListDescription> ListSchedulesAsync(ListSchedulesInput input)
    {
        string? pageToken = null;
        do
        {
            var from = pageToken;
            var page = await _calls.RunAsync(input.Options?.Rpc, token => Schedules.ListAsync(input.Options?.Query, SchedulesPerPage, from, token));
            foreach (var row in page.Schedules)
            {
                yield return ScheduleForms.ListedOf(row, client.Options);
            }

            pageToken = page.NextPageToken;
        }
        while (pageToken is not null);
    }
}
