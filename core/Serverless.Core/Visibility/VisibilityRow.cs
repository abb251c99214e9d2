using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;
using Serverless.Workflows;

namespace Serverless.Visibility;

/// <summary>A run in the list.</summary>
/// <param name="Summary">What is shown of it.</param>
/// <param name="Indexed">The search attributes by which it can be found through keys: those that were declared where it was written.</param>
internal sealed record ListRow(WorkflowSummary Summary, IReadOnlyDictionary<string, IndexedValueType> Indexed);

/// <summary>A row of the list as stored. Memo and search attributes travel in an event: there is one wire format for payloads.</summary>
internal static class VisibilityRow
{
    private const byte Version = 2;

    /// <summary>The row, without its memo if it would be too large with it, and then without its search attributes; and its bytes.</summary>
    public static (ListRow Row, byte[] Data) Fit(ListRow row)
    {
        var data = Encode(row);
        if (data.Length > StorageLimits.MaxRowBytes)
        {
            row = row with { Summary = row.Summary with { Memo = WorkflowStarted.Empty } };
            data = Encode(row);
        }

        if (data.Length > StorageLimits.MaxRowBytes)
        {
            row = row with { Summary = row.Summary with { SearchAttributes = WorkflowStarted.Empty } };
            data = Encode(row);
        }

        return (row, data);
    }

    public static byte[] Encode(ListRow row)
    {
        var summary = row.Summary;
        using var stream = new MemoryStream(256);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write7BitEncodedInt(row.Indexed.Count);
        foreach (var (name, type) in row.Indexed.OrderBy(static i => i.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            writer.Write((byte)type);
        }

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
    public static ListRow Decode(ReadOnlyMemory<byte> data) => RecordCodec.Decode(data, Version, "list row", Read);

    private static ListRow Read(BinaryReader reader)
    {
        var indexed = new SortedDictionary<string, IndexedValueType>(StringComparer.Ordinal);
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            indexed[reader.ReadString()] = (IndexedValueType)reader.ReadByte();
        }

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
            ? new ListRow(new WorkflowSummary(id, started.RunId, started.WorkflowType, started.TaskQueue, status)
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
            }, indexed)
            : throw new InvalidDataException("it holds no start");
    }
}
