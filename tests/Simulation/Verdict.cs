namespace Serverless.Simulation;

/// <summary>How a run ended. The number is the program's exit code.</summary>
internal enum Verdict
{
    Passed = 0,

    /// <summary>Something was seen that must never be.</summary>
    SafetyViolation = 10,

    /// <summary>Nothing failed any more, and yet something did not come to its end.</summary>
    NotLive = 11,

    /// <summary>The same seed ran differently the second time, or something left the simulation.</summary>
    NotDeterministic = 12,

    /// <summary>The engine or the simulation threw what nobody caught.</summary>
    Crashed = 13,
}

/// <summary>A run that has ended.</summary>
internal sealed record SimResult(SimOptions Options, Verdict Verdict, string Reason)
{
    /// <summary>Hash of all that happened.</summary>
    public string Trace { get; init; } = "";

    /// <summary>The last lines of what happened.</summary>
    public IReadOnlyCollection<string> Last { get; init; } = [];

    public long Steps { get; init; }

    /// <summary>Storage calls of the first process, all incarnations together.</summary>
    public long Calls { get; init; }

    /// <summary>Virtual time that passed.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The call that a single fault hit; null when it hit none.</summary>
    public string? Hit { get; init; }
}
