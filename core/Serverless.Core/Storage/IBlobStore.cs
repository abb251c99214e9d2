namespace Serverless.Storage;

/// <summary>
/// Write-once blobs for what is too large for a row or a message. Names are <c>partition/run/name</c>; a blob is never
/// overwritten, so a writer that lost a race has only left a blob that purge will find by its prefix.
/// </summary>
internal interface IBlobStore
{
    /// <summary>Stores the bytes under a name that is not in use. Repeating the same call is harmless (the first one's bytes stay).</summary>
    ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>The bytes, or null when there is no such blob.</summary>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Names that begin with <paramref name="prefix"/>, in ordinal order; it must end with "/", or be empty for all. A page may be empty and still carry a continuation.</summary>
    ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(string prefix, string? continuation, CancellationToken cancellationToken);

    /// <summary>Deletes one blob; one that is gone already is no error.</summary>
    ValueTask DeleteAsync(string name, CancellationToken cancellationToken);
}
