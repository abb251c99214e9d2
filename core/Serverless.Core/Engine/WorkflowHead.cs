using Serverless.Api.Enums.V1;
using Serverless.Client;

namespace Serverless.Engine;

/// <summary>The <c>head</c> row: the current run of a workflow id. Replaced by every commit under its tag.</summary>
internal sealed record WorkflowHead
{
    private const byte Version = 1;

    /// <summary>Earlier starts that are remembered.</summary>
    private const int MaxEarlierStarts = 8;

    /// <summary>Bytes of a mark: the length of its token and three numbers.</summary>
    private const int SmallestMark = 4;

    /// <summary>1 for the first run of the id, and one more for each run after it.</summary>
    public required int RunNumber { get; init; }

    public required string RunId { get; init; }

    public required string FirstRunId { get; init; }

    public required string WorkflowType { get; init; }

    public required WorkflowExecutionStatus Status { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>Null while open.</summary>
    public DateTimeOffset? Closed { get; init; }

    /// <summary>0 before the first task.</summary>
    public long LastEventId { get; init; }

    public long HistoryBytes { get; init; }

    /// <summary>Stamped afresh by each commit: tells its writer whether a commit that failed ambiguously was applied.</summary>
    public required string CommitId { get; init; }

    /// <summary>Commands that may not have left yet, and who sees to them.</summary>
    public IReadOnlyList<DispatchMark> Marks { get; init; } = [];

    /// <summary>The only build that may run the run's code; null for any.</summary>
    public string? PinnedBuildId { get; init; }

    public BlockedNote? Blocked { get; init; }

    /// <summary>Process whose code failed; another process or build tries at once.</summary>
    public string? BlockedBy { get; init; }

    /// <summary>Request id of the start of the chain that the run belongs to; null when it had none.</summary>
    public string? RequestId { get; init; }

    /// <summary>The last starts of this id before that of the present chain, the newest first: a request that is repeated late is told from a new one.</summary>
    public IReadOnlyList<EarlierStart> EarlierStarts { get; init; } = [];

    public bool IsOpen => Status == WorkflowExecutionStatus.Running;

    /// <summary>
    /// True for the head of an id that was removed soon after its end. There is no such workflow any more; the row stays for a while, so that a start of it which was in doubt and is applied now
    /// finds the id in use, and who tries again finds that it was started.
    /// </summary>
    public bool IsGone => Status == WorkflowExecutionStatus.Unspecified;

    /// <summary>True unless another run, or another chain of runs, is meant.</summary>
    public bool IsMeantBy(WorkflowRef workflow) =>
        (workflow.RunId is null || workflow.RunId == RunId) && (workflow.FirstRunId is null || workflow.FirstRunId == FirstRunId);

    /// <summary>The earlier starts from where a run of another chain begins.</summary>
    /// <param name="firstRunId">First run of the chain that comes next.</param>
    public IReadOnlyList<EarlierStart> StartsBefore(string firstRunId) => firstRunId == FirstRunId || RequestId is null
        ? EarlierStarts
        : [new EarlierStart(RequestId, FirstRunId), .. EarlierStarts.Take(MaxEarlierStarts - 1)];

    public byte[] Encode()
    {
        using var stream = new MemoryStream(256);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write7BitEncodedInt(RunNumber);
        writer.Write(RunId);
        writer.Write(FirstRunId);
        writer.Write(WorkflowType);
        writer.Write((byte)Status);
        writer.Write(Started);
        writer.Write(Closed);
        writer.Write7BitEncodedInt64(LastEventId);
        writer.Write7BitEncodedInt64(HistoryBytes);
        writer.Write(CommitId);
        writer.Write7BitEncodedInt(Marks.Count);
        foreach (var mark in Marks)
        {
            writer.Write(mark.Token);
            writer.Write7BitEncodedInt(mark.RunNumber);
            writer.Write7BitEncodedInt64(mark.FirstEventId);
            writer.Write7BitEncodedInt64(mark.LastEventId - mark.FirstEventId);
        }

        writer.Write(Blocked is not null);
        if (Blocked is { } blocked)
        {
            writer.Write(blocked.Cause);
            writer.Write(blocked.Message);
            writer.Write(blocked.Since);
            writer.Write7BitEncodedInt(blocked.Attempts);
            writer.Write(blocked.NextAttempt);
            writer.Write(BlockedBy ?? "");
            writer.WriteBytes(blocked.Encoded?.ToByteArray() ?? []);
        }

        if (PinnedBuildId is not null || RequestId is not null || EarlierStarts.Count > 0)
        {
            writer.Write(PinnedBuildId ?? "");
        }

        if (RequestId is not null || EarlierStarts.Count > 0)
        {
            writer.Write(RequestId ?? "");
        }

        foreach (var start in EarlierStarts)
        {
            writer.Write(start.RequestId);
            writer.Write(start.RunId);
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not a head row.</exception>
    public static WorkflowHead Decode(ReadOnlyMemory<byte> data) => RecordCodec.Decode(data, Version, "head row", Read);

    /// <summary>The head, or null when the bytes are none.</summary>
    public static WorkflowHead? TryDecode(ReadOnlyMemory<byte> data)
    {
        try
        {
            return Decode(data);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static WorkflowHead Read(BinaryReader reader)
    {
        var head = new WorkflowHead
        {
            RunNumber = reader.Read7BitEncodedInt(),
            RunId = reader.ReadString(),
            FirstRunId = reader.ReadString(),
            WorkflowType = reader.ReadString(),
            Status = (WorkflowExecutionStatus)reader.ReadByte(),
            Started = reader.ReadTime(),
            Closed = reader.ReadOptionalTime(),
            LastEventId = reader.Read7BitEncodedInt64(),
            HistoryBytes = reader.Read7BitEncodedInt64(),
            CommitId = reader.ReadString(),
            Marks = ReadMarks(reader),
        };
        head = reader.ReadBoolean() ? ReadBlocked(head, reader) : head;
        if (reader.AtEnd())
        {
            return head;
        }

        var build = reader.ReadString();
        var request = reader.AtEnd() ? "" : reader.ReadString();
        var starts = new List<EarlierStart>();
        while (!reader.AtEnd())
        {
            starts.Add(new EarlierStart(reader.ReadString(), reader.ReadString()));
        }

        return head with { PinnedBuildId = build.Length > 0 ? build : null, RequestId = request.Length > 0 ? request : null, EarlierStarts = starts };
    }

    private static WorkflowHead ReadBlocked(WorkflowHead head, BinaryReader reader)
    {
        var note = new BlockedNote(reader.ReadString(), reader.ReadString(), reader.ReadTime(), reader.Read7BitEncodedInt(), reader.ReadTime());
        var by = reader.ReadString();
        var encoded = reader.AtEnd() ? [] : reader.ReadByteArray();
        return head with { Blocked = note with { Encoded = encoded.Length > 0 ? Payload.Parser.ParseFrom(encoded) : null }, BlockedBy = by };
    }

    private static List<DispatchMark> ReadMarks(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / SmallestMark)
        {
            throw new InvalidDataException($"a head row can't hold {count} dispatch marks");
        }

        var marks = new List<DispatchMark>(count);
        for (var i = 0; i < count; i++)
        {
            var token = reader.ReadString();
            var run = reader.Read7BitEncodedInt();
            var first = reader.Read7BitEncodedInt64();
            marks.Add(new DispatchMark(token, run, first, first + reader.Read7BitEncodedInt64()));
        }

        return marks;
    }
}

/// <summary>
/// "The commands in this range may not have left, or run in the process that holds the message with this token." Written with the commit; a message
/// with the token that finds it while nobody here works for the token is a redelivery, and dispatches them again.
/// </summary>
internal readonly record struct DispatchMark(string Token, int RunNumber, long FirstEventId, long LastEventId);

/// <summary>A start that began a chain of runs.</summary>
/// <param name="RequestId">Its request id.</param>
/// <param name="RunId">The first run of the chain.</param>
internal readonly record struct EarlierStart(string RequestId, string RunId);
