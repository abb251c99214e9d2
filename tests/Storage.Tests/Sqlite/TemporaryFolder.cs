namespace Serverless.Storage.Tests.Sqlite;

/// <summary>A folder of one test, deleted with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("serverless-").FullName;

    public string File(string name = "hub.db") => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
