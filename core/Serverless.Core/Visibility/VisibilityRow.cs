using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.History;
using Serverless.Storage;
using Serverless.Workflows;

namespace Serverless.Visibility;

/// <summary>A row of the list as stored. Memo and search attributes travel in an event: there is one wire format for payloads.</summary>
internal static class VisibilityRow
{
    private const byte Version = 1;

    /// <summary>The row, without its memo if it would be too large with it, and then without its search attributes.</summary>
    public static byte[] EncodeToFit(WorkflowSummary summary)
    {
        if (Encode(summary) is { Length: <= StorageLimits.MaxRowBytes } whole)
        {
            return whole;
        }

        return Encode(summary with { Memo = WorkflowStarted.Empty }) is { Length: <= StorageLimits.MaxRowBytes } withoutMemo
            ? withoutMemo
            : Encode(summary with { Memo = WorkflowStarted.Empty, SearchAttributes = WorkflowStarted.Empty });
    }

    public static byte[] Encode(WorkflowSummary summary)
    {
        using var stream = new MemoryStream(256);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(summary.WorkflowId);
        writer.Write((byte)summary.Status);
        writer.Write(summary.CloseTime?.UtcTicks ?? 0);
        writer.Write(summary.ExecutionTime.UtcTicks);
        writer.Write7BitEncodedInt64(summary.HistoryLength);
        writer.Write7BitEncodedInt64(summary.HistoryBytes);
        writer.Write(summary.ParentWorkflowId ?? "");
        writer.Write(summary.RootWorkflowId ?? "");
        writer.Write(EventCodec.Encode(
        [
            new WorkflowStarted(summary.WorkflowType, summary.TaskQueue, [])
            {
                Id = 1,
                Time = summary.StartTime,
                RunId = summary.RunId,
                Parent = summary is { ParentWorkflowId: { } parent, ParentRunId: { } run } ? new ParentLink(parent, run, 0, ParentClosePolicy.None) : null,
                Memo = summary.Memo,
                SearchAttributes = summary.SearchAttributes,
            },
        ]));
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not a list row.</exception>
    public static WorkflowSummary Decode(ReadOnlyMemory<byte> data)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(data.ToArray(), writable: false));
            return reader.ReadByte() == Version ? Read(reader) : throw new InvalidDataException("A list row is of an unknown version.");
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"A list row can't be read: {e.Message}", e);
        }
    }

    private static WorkflowSummary Read(BinaryReader reader)
    {
        var id = reader.ReadString();
        var status = (WorkflowExecutionStatus)reader.ReadByte();
        var closed = reader.ReadInt64();
        var execution = reader.ReadInt64();
        var length = reader.Read7BitEncodedInt64();
        var bytes = reader.Read7BitEncodedInt64();
        var parent = reader.ReadString();
        var root = reader.ReadString();
        var rest = reader.ReadBytes((int)(reader.BaseStream.Length - reader.BaseStream.Position));
        return EventCodec.Decode(rest) is [WorkflowStarted started]
            ? new WorkflowSummary(id, started.RunId, started.WorkflowType, started.TaskQueue, status)
            {
                StartTime = started.Time,
                CloseTime = closed == 0 ? null : new DateTimeOffset(closed, TimeSpan.Zero),
                ExecutionTime = new DateTimeOffset(execution, TimeSpan.Zero),
                HistoryLength = length,
                HistoryBytes = bytes,
                ParentWorkflowId = parent.Length == 0 ? null : parent,
                ParentRunId = started.Parent?.RunId,
                RootWorkflowId = root.Length == 0 ? null : root,
                Memo = started.Memo,
                SearchAttributes = started.SearchAttributes,
            }
            : throw new InvalidDataException("A list row holds no start.");
    }
}
