namespace Serverless.Storage.Sqlite;

/// <summary>What is stored in the file. One counter, <c>version</c>, orders all writes: a row's version is its tag and its <see cref="Row.Written"/>.</summary>
internal static class SqliteLayout
{
    /// <summary>Raised when the tables below change; a file of a later version is refused.</summary>
    public const int SchemaVersion = 1;

    /// <summary>What every file holds from the start. The counter outlives a destroyed hub, so that no tag or receipt ever comes twice.</summary>
    public const string CreateFile = """
        CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, visible INTEGER NOT NULL, receipt INTEGER NOT NULL,
            dequeued INTEGER NOT NULL, sent INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS messages_visible ON messages (queue, visible);
        CREATE TABLE IF NOT EXISTS counter (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL);
        INSERT OR IGNORE INTO counter VALUES (1, 0);
        """;

    /// <summary>What a hub adds when it is initialized.</summary>
    public const string CreateHub = """
        CREATE TABLE IF NOT EXISTS rows (
            tbl INTEGER NOT NULL, part TEXT NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (tbl, part, key)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS blobs (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
        """;

    public const string DropHub = """
        DROP TABLE IF EXISTS rows; DROP TABLE IF EXISTS blobs; DELETE FROM messages; DELETE FROM queues;
        """;

    public const string GetVersion = "SELECT version FROM counter";

    public const string SetVersion = "UPDATE counter SET version = $version";

    /// <summary>Both ends bound the search: with "or" in the place of coalesce, a short range would be read to the end of the partition.</summary>
    public const string SelectRange = """
        SELECT key, data, version FROM rows
        WHERE tbl = $tbl AND part = $part AND key >= $from AND key < coalesce($to, char(1114111)) ORDER BY key LIMIT $limit
        """;

    public const string SelectAll = """
        SELECT part, key, data, version FROM rows
        WHERE tbl = $tbl AND (part > $part OR (part = $part AND key >= $key)) ORDER BY part, key LIMIT $limit
        """;

    public const string SelectVersion = "SELECT version FROM rows WHERE tbl = $tbl AND part = $part AND key = $key";

    public const string WriteRow = """
        INSERT INTO rows VALUES ($tbl, $part, $key, $data, $version)
        ON CONFLICT (tbl, part, key) DO UPDATE SET data = excluded.data, version = excluded.version
        """;

    public const string TouchRow = "UPDATE rows SET version = $version WHERE tbl = $tbl AND part = $part AND key = $key";

    public const string DeleteRow = "DELETE FROM rows WHERE tbl = $tbl AND part = $part AND key = $key";

    public const string CreateQueue = "INSERT OR IGNORE INTO queues VALUES ($queue)";

    public const string QueueExists = "SELECT 1 FROM queues WHERE name = $queue";

    public const string Send = """
        INSERT INTO messages (queue, visible, receipt, dequeued, sent, body) VALUES ($queue, $visible, $receipt, 0, $sent, $body) RETURNING id
        """;

    public const string Receive = """
        UPDATE messages SET visible = $until, receipt = $receipt, dequeued = dequeued + 1
        WHERE id IN (SELECT id FROM messages WHERE queue = $queue AND visible <= $now ORDER BY visible LIMIT $max)
        RETURNING id, body, dequeued, sent
        """;

    public const string Postpone = """
        UPDATE messages SET visible = $until, receipt = $receipt WHERE id = $id AND receipt = $old AND queue = $queue
        """;

    public const string DeleteMessage = "DELETE FROM messages WHERE id = $id AND receipt = $old AND queue = $queue";

    public const string AnyVisible = "SELECT 1 FROM messages WHERE queue = $queue AND visible <= $now LIMIT 1";

    public const string CountMessages = "SELECT COUNT(*) FROM messages WHERE queue = $queue";

    public const string PutBlob = "INSERT OR IGNORE INTO blobs VALUES ($name, $data)";

    public const string GetBlob = "SELECT data FROM blobs WHERE name = $name";

    public const string ListBlobs = """
        SELECT name FROM blobs WHERE name >= $from AND name < $to ORDER BY name LIMIT $limit
        """;

    public const string DeleteBlob = "DELETE FROM blobs WHERE name = $name";
}
