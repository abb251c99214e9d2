namespace Serverless.Cli;

/// <summary>Everything outside of the tool that it reads or writes, so that a test can put something else in its place.</summary>
internal sealed record Surroundings
{
    /// <summary>Of a terminal that does not tell.</summary>
    private const int UsualWidth = 80;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>Standard input as bytes.</summary>
    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public bool InIsTerminal { get; init; }

    /// <summary>Characters in a line of the terminal; null when standard output is none.</summary>
    public int? Width { get; init; }

    /// <summary>An environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Answers in place of the network; null for the network.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Colours are for terminals, unless the variable NO_COLOR is set.</summary>
    public bool HasColours(bool isTerminal) => isTerminal && string.IsNullOrEmpty(Variable("NO_COLOR"));

    public static Surroundings OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InIsTerminal = !Console.IsInputRedirected,
        Width = Console.IsOutputRedirected ? null : Console.WindowWidth > 0 ? Console.WindowWidth : UsualWidth,
        Variable = Environment.GetEnvironmentVariable,
        Time = TimeProvider.System,
    };
}
