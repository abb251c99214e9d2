using Serverless.Client.Interceptors;
using Serverless.Converters;
using Serverless.Exceptions;

namespace Serverless.Client;

internal sealed partial class ClientOutboundEnd
{
    private IActivityCompletionService Completion =>
        services.Completion ?? throw new NotSupportedException("This client can't complete activities from outside.");

    public override async Task HeartbeatAsyncActivityAsync(HeartbeatAsyncActivityInput input)
    {
        var details = await Converter(input.DataConverterOverride).EncodeAsync(input.Options?.Details ?? []);
        if (await _calls.RunAsync(input.Options?.Rpc, token => Completion.HeartbeatAsync(input.Activity.ToRef(), details, token)))
        {
            throw new AsyncActivityCanceledException();
        }
    }

    public override async Task CompleteAsyncActivityAsync(CompleteAsyncActivityInput input)
    {
        var result = await Converter(input.DataConverterOverride).ToPayloadAsync(input.Result);
        await _calls.RunAsync(input.Options?.Rpc, token => Completion.CompleteAsync(input.Activity.ToRef(), result, token));
    }

    public override async Task FailAsyncActivityAsync(FailAsyncActivityInput input)
    {
        var converter = Converter(input.DataConverterOverride);
        var failure = await converter.ToFailureAsync(input.Exception);
        var details = await converter.EncodeAsync(input.Options?.LastHeartbeatDetails ?? []);
        await _calls.RunAsync(input.Options?.Rpc, token => Completion.FailAsync(input.Activity.ToRef(), failure, details, token));
    }

    public override async Task ReportCancellationAsyncActivityAsync(ReportCancellationAsyncActivityInput input)
    {
        var details = await Converter(input.DataConverterOverride).EncodeAsync(input.Options?.Details ?? []);
        await _calls.RunAsync(input.Options?.Rpc, token => Completion.ReportCancellationAsync(input.Activity.ToRef(), details, token));
    }

    private DataConverter Converter(DataConverter? given) => given ?? client.Options.DataConverter;
}
