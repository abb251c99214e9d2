using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Memo and search attributes of a run.</summary>
internal sealed class RunProperties
{
    private readonly SortedDictionary<string, Payload> _memo = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Payload> _attributes = new(StringComparer.Ordinal);
    private readonly WorkflowRun _run;

    public RunProperties(WorkflowRun run)
    {
        _run = run;
        foreach (var (key, value) in run.Started.Memo)
        {
            _memo[key] = value;
        }

        foreach (var (key, value) in run.Started.SearchAttributes)
        {
            _attributes[key] = value;
        }
    }

    public IReadOnlyDictionary<string, IRawValue> Memo =>
        new SortedDictionary<string, IRawValue>(_memo.ToDictionary(static m => m.Key, static m => (IRawValue)new RawValue(m.Value)), StringComparer.Ordinal);

    public SearchAttributeCollection SearchAttributes => SearchAttributeCollection.FromPayloads(_attributes);

    public static IReadOnlyDictionary<string, Payload> EncodeMemo(IPayloadConverter converter, IReadOnlyDictionary<string, object> memo)
    {
        var encoded = new SortedDictionary<string, Payload>(StringComparer.Ordinal);
        foreach (var (key, value) in memo)
        {
            encoded[key] = converter.ToPayload(value);
        }

        return encoded;
    }

    public static IReadOnlyDictionary<string, Payload> EncodeAttributes(SearchAttributeCollection attributes) => attributes.ToPayloads();

    public void UpsertMemo(IReadOnlyCollection<MemoUpdate> updates)
    {
        _run.CheckWritable();
        if (updates.Count == 0)
        {
            throw new ArgumentException("At least one memo update is needed.", nameof(updates));
        }

        var changes = new SortedDictionary<string, Payload?>(StringComparer.Ordinal);
        foreach (var update in updates)
        {
            changes[update.UntypedKey] = update.HasValue ? _run.EncodeOne(update.UntypedValue) : null;
        }

        Merge(_memo, changes);
        _run.Commands.Add(new PropertiesUpserted(changes, new Dictionary<string, Payload?>()));
    }

    public void UpsertSearchAttributes(IReadOnlyCollection<SearchAttributeUpdate> updates)
    {
        _run.CheckWritable();
        if (updates.Count == 0)
        {
            throw new ArgumentException("At least one search attribute update is needed.", nameof(updates));
        }

        var changes = new SortedDictionary<string, Payload?>(StringComparer.Ordinal);
        foreach (var update in updates)
        {
            changes[update.UntypedKey.Name] = update.ToPayload();
        }

        Merge(_attributes, changes);
        _run.Commands.Add(new PropertiesUpserted(new Dictionary<string, Payload?>(), changes));
    }

    /// <summary>Takes over what was changed from outside.</summary>
    public void Modified(WorkflowPropertiesModified change)
    {
        Merge(_memo, change.Memo);
        Merge(_attributes, change.SearchAttributes);
    }

    private static void Merge(SortedDictionary<string, Payload> target, IReadOnlyDictionary<string, Payload?> changes)
    {
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                target.Remove(key);
            }
            else
            {
                target[key] = value;
            }
        }
    }
}
