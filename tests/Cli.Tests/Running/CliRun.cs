using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Serverless.Cli;

namespace Cli.Tests.Running;

/// <summary>What one run of the tool left behind.</summary>
internal sealed record CliRun(int Code, string Out, string Error)
{
    /// <summary>Standard output, which must be one JSON document.</summary>
    public JsonNode Json => JsonNode.Parse(Out)!;

    public IReadOnlyList<string> Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public CliRun Expect(ExitCode code)
    {
        Assert.AreEqual(code, (ExitCode)Code, $"out: {Out}\nerror: {Error}");
        return this;
    }

    /// <summary>Runs in this process against a fake API, as if standard output were a file.</summary>
    public static Task<CliRun> PipedAsync(FakeApi api, params string[] args) => RunAsync(args, With(api, isTerminal: false));

    /// <summary>The same at a terminal of 120 characters without colours, at 12:00 UTC on 24 November 2026, an hour east of Greenwich.</summary>
    public static Task<CliRun> AtTerminalAsync(FakeApi api, params string[] args) => RunAsync(args, With(api, isTerminal: true));

    public static async Task<CliRun> RunAsync(IReadOnlyList<string> args, Surroundings around)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(args, around with { Out = output, Error = error });
        return new CliRun(code, output.ToString(), error.ToString());
    }

    public static Surroundings With(FakeApi api, bool isTerminal, string input = "", params (string Name, string Value)[] variables)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(1), "east", "east"));
        return new Surroundings
        {
            Out = TextWriter.Null,
            Error = TextWriter.Null,
            In = new StringReader(input),
            OutIsTerminal = isTerminal,
            ErrorIsTerminal = isTerminal,
            InIsTerminal = isTerminal,
            Width = isTerminal ? 120 : null,
            Variable = name => variables.FirstOrDefault(v => v.Name == name).Value ?? (name == "NO_COLOR" ? "1" : null),
            Time = time,
            Handler = api,
        };
    }
}
