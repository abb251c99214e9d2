namespace Serverless.Engine;

/// <summary>Places for activity attempts in this process; who finds none waits in line, and may leave it again. Thread-safe.</summary>
internal sealed class ActivitySlots(int places)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<SlotRequest> _line = new();
    private int _free = places;

    /// <summary>Starts the work now or when its turn comes.</summary>
    public SlotRequest Enter(Func<Task> work)
    {
        var request = new SlotRequest(work);
        lock (_lock)
        {
            if (_free == 0)
            {
                _line.AddLast(request);
                return request;
            }

            _free--;
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
                    request = _line.First?.Value;
                    if (request is null)
                    {
                        _free++;
                    }
                    else
                    {
                        _line.RemoveFirst();
                    }
                }
            }
        }
    }
}

/// <summary>Work in line. It must not throw.</summary>
internal sealed record SlotRequest(Func<Task> Work);
