namespace Serverless.Storage.Sqlite;

/// <summary>Blobs in the file.</summary>
internal sealed class SqliteBlobs(SqliteFile file) : IBlobStore
{
    private const int PageNames = 1000;

    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        var copy = data.ToArray();
        await file.WriteAsync(session => session.Execute(SqliteLayout.PutBlob, ("$name", name), ("$data", copy)), cancellationToken);
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        return new(file.Read(
            session => session.Scalar(SqliteLayout.GetBlob, ("$name", name)) is byte[] data ? new ReadOnlyMemory<byte>(data) : (ReadOnlyMemory<byte>?)null,
            cancellationToken));
    }

    public ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(
        string prefix, string? continuation, CancellationToken cancellationToken)
    {
        StorageGuard.Prefix(prefix);
        return new(file.Read<(IReadOnlyList<string>, string?)>(session =>
        {
            // '0' follows '/': the range holds just the names that begin with the prefix. No name begins with the last character that there is.
            using var reader = session.Command(
                SqliteLayout.ListBlobs, ("$from", continuation ?? prefix), ("$to", prefix.Length == 0 ? "\U0010FFFF" : prefix[..^1] + "0"), ("$limit", PageNames + 1)).ExecuteReader();
            var names = new List<string>();
            while (reader.Read())
            {
                if (names.Count == PageNames)
                {
                    return (names, reader.GetString(0));
                }

                names.Add(reader.GetString(0));
            }

            return (names, null);
        }, cancellationToken));
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        await file.WriteAsync(session => session.Execute(SqliteLayout.DeleteBlob, ("$name", name)), cancellationToken);
    }
}
