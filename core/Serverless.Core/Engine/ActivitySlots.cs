namespace Serverless.Engine;

/// <summary>
/// Places for activity attempts in this process: of all types together, and of a type that has a limit. Who finds none waits in line, more urgent attempts
/// first, and may leave it again. Thread-safe.
/// </summary>
internal sealed class ActivitySlots
{
    private readonly Lock _lock = new();
    private readonly LinkedList<SlotRequest> _line = new();
    private readonly Dictionary<string, int> _freeOfType = new(StringComparer.Ordinal);
    private int _free;

    public ActivitySlots(int places, IReadOnlyDictionary<string, ActivityLimit> limits)
    {
        _free = places;
        foreach (var (type, limit) in limits)
        {
            _freeOfType[type] = Math.Min(limit.PerProcess ?? places, limit.AcrossProcesses ?? places);
        }
    }

    /// <summary>Starts the work now or when its turn comes.</summary>
    public SlotRequest Enter(ActivityJob job, Func<Task> work)
    {
        var type = job.Scheduled.ActivityType;
        var request = new SlotRequest(!job.Scheduled.IsLocal && _freeOfType.ContainsKey(type) ? type : null, job.Priority, work);
        lock (_lock)
        {
            if (!TryTake(request))
            {
                LineUp(request);
                return request;
            }
        }

        _ = RunAsync(request);
        return request;
    }

    /// <summary>True when the work had not started and now never will.</summary>
    public bool TryLeave(SlotRequest request)
    {
        lock (_lock)
        {
            return _line.Remove(request);
        }
    }

    private bool TryTake(SlotRequest request)
    {
        if (_free == 0 || (request.LimitedType is { } wanted && _freeOfType[wanted] == 0))
        {
            return false;
        }

        _free--;
        if (request.LimitedType is { } type)
        {
            _freeOfType[type]--;
        }

        return true;
    }

    private void LineUp(SlotRequest request)
    {
        var before = _line.Last;
        while (before?.Value.Priority > request.Priority)
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _line.AddFirst(request);
        }
        else
        {
            _line.AddAfter(before, request);
        }
    }

    private async Task RunAsync(SlotRequest? request)
    {
        while (request is not null)
        {
            try
            {
                await request.Work();
            }
            finally
            {
                lock (_lock)
                {
                    _free++;
                    if (request.LimitedType is { } type)
                    {
                        _freeOfType[type]++;
                    }

                    request = _line.FirstOrDefault(TryTake);
                    if (request is not null)
                    {
                        _line.Remove(request);
                    }
                }
            }
        }
    }
}

/// <summary>Work in line.</summary>
/// <param name="LimitedType">The activity type whose limit counts; null: none has.</param>
/// <param name="Priority">1 goes first.</param>
/// <param name="Work">It must not throw.</param>
internal sealed record SlotRequest(string? LimitedType, int Priority, Func<Task> Work);
