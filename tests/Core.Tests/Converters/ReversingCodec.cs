using Serverless.Converters;

namespace Core.Tests.Converters;

/// <summary>Turns the bytes round: enough to see that a codec was applied, and once.</summary>
internal sealed class ReversingCodec : IPayloadCodec
{
    /// <summary>Breaks the contract: the first payload is lost.</summary>
    public bool Drops { get; init; }

    public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult(Apply(payloads));

    public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult(Apply(payloads));

    private IReadOnlyCollection<Payload> Apply(IReadOnlyCollection<Payload> payloads) =>
        [.. payloads.Skip(Drops ? 1 : 0).Select(payload => new Payload(payload.Metadata, payload.Data.ToByteArray().Reverse().ToArray()))];
}
