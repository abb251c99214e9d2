using Microsoft.Data.Sqlite;

namespace Serverless.Storage.Sqlite;

/// <summary>What a failure of SQLite means: the message names the file and the cure.</summary>
internal sealed class SqliteFailures(string path)
{
    private const int Error = 1;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>True for a failure that <see cref="Translate"/> knows: of the file, not of the caller or the code.</summary>
    public static bool IsKnown(Exception failure) => failure is SqliteException or IOException or UnauthorizedAccessException;

    /// <summary>True for a failure that time does not heal: somebody must do something about the file.</summary>
    public static bool IsLasting(StorageException failure) => failure.InnerException is UnauthorizedAccessException
        or SqliteException { SqliteErrorCode: ReadOnly or CannotOpen or Corrupt or NotADatabase };

    public StorageException Translate(Exception failure) => failure switch
    {
        StorageException translated => translated,
        SqliteException { SqliteErrorCode: Error } missing when missing.Message.Contains("no such table", StringComparison.Ordinal) =>
            NotApplied("the hub is not initialized, or was destroyed: initialize it", failure),
        SqliteException { SqliteErrorCode: Full } => NotApplied("the disk is full: free some space", failure),
        SqliteException { SqliteErrorCode: ReadOnly } => NotApplied("the file or its folder is read-only: make both writable", failure),
        SqliteException { SqliteErrorCode: CannotOpen } => NotApplied("the file can't be opened: check that its folder exists and is writable", failure),
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } =>
            NotApplied("the file is damaged or no SQLite file: restore a backup, or move it away to start anew", failure),
        SqliteException { SqliteErrorCode: Busy or Locked } => NotApplied("another process keeps the file locked: stop it, or use another file", failure),
        SqliteException { SqliteErrorCode: IoError } => new StorageException(
            $"SQLite file '{path}': reading or writing it failed: check the disk, its quota and limits on the size of files. The call may have been applied: read before repeating it.",
            StorageOutcome.Unknown, null, failure),
        SqliteException => new StorageException(
            $"SQLite file '{path}': {failure.Message} The call may have been applied: read before repeating it.", StorageOutcome.Unknown, null, failure),
        IOException or UnauthorizedAccessException => NotApplied(failure.Message.TrimEnd('.'), failure),
        _ => new StorageException($"SQLite file '{path}': unexpected {failure.GetType().Name}: {failure.Message}", StorageOutcome.Unknown, null, failure),
    };

    public StorageException NotApplied(string why, Exception? cause = null) =>
        new($"SQLite file '{path}': {why}.", StorageOutcome.NotApplied, null, cause);
}
