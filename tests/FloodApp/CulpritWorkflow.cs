using Serverless.Workflows;

namespace Serverless.FloodApp;

/// <summary>Ways in which code can harm what runs beside it.</summary>
internal enum Harm
{
    /// <summary>It never gives control back.</summary>
    Loop,

    /// <summary>It collects objects without end.</summary>
    Allocate,

    /// <summary>It sends itself signals without end.</summary>
    Flood,

    /// <summary>It asks for something else than its history recorded, once the process has another <c>CULPRIT_VERSION</c>.</summary>
    Diverge,

    /// <summary>It ends its process by a stack overflow.</summary>
    Overflow,
}

/// <summary>Code that should not be: does one kind of harm as soon as it is told to go.</summary>
[Workflow("Culprit")]
internal sealed class CulpritWorkflow
{
    private static readonly string? _version = Environment.GetEnvironmentVariable("CULPRIT_VERSION");
    private readonly List<byte[]> _collected = [];
    private long _turns;
    private bool _goes;

    [WorkflowRun]
    public async Task<long> RunAsync(Harm harm)
    {
        if (harm != Harm.Diverge || _version is null)
        {
            await Workflow.DelayAsync(10);
        }

        await Workflow.WaitConditionAsync(() => _goes);
        return harm switch
        {
            Harm.Loop => Loop(),
            Harm.Allocate => Allocate(),
            Harm.Flood => await FloodAsync(),
            Harm.Overflow => Overflow(0),
            _ => 0,
        };
    }

    [WorkflowSignal]
    public Task GoAsync()
    {
        _goes = true;
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task AgainAsync()
    {
        _turns++;
        return Task.CompletedTask;
    }

    private long Loop()
    {
        while (_goes)
        {
            _turns++;
        }

        return _turns;
    }

    private long Allocate()
    {
        while (_goes)
        {
            _collected.Add(new byte[20_000]);
        }

        return _collected.Count;
    }

    private async Task<long> FloodAsync()
    {
        while (_goes)
        {
            var seen = _turns;
            for (var i = 0; i < 20; i++)
            {
                await Workflow.GetExternalWorkflowHandle<CulpritWorkflow>(Workflow.Info.WorkflowId).SignalAsync(w => w.AgainAsync());
            }

            await Workflow.WaitConditionAsync(() => _turns > seen);
        }

        return _turns;
    }

    private long Overflow(long depth) => _goes ? Overflow(depth + 1) + depth : depth;
}
