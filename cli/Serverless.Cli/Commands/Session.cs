using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>One run of a verb: what was said on the command line, the API, and where answers go.</summary>
internal sealed class Session(ParseResult parsed, Surroundings around, GlobalOptions globals, CancellationToken cancellationToken) : IAsyncDisposable
{
    private ApiConnection? _connection;

    public Surroundings Around { get; } = around;

    public CancellationToken Cancellation { get; } = cancellationToken;

    public Printer Printer { get; } = new(around, globals.Format(parsed));

    public T Required<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    public T? Value<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T? Value<T>(Option<T> option) => parsed.GetValue(option);

    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>The API; opened by the first call.</summary>
    /// <param name="mayCreate">True when a hub that does not exist may come to be.</param>
    public async Task<ApiClient> ApiAsync(bool mayCreate = false)
    {
        _connection ??= await ApiConnection.OpenAsync(globals.Target(parsed), mayCreate, Around.Handler, Cancellation);
        return _connection.Client;
    }

    /// <summary>For what runs the code of workflows, which a store alone does not have.</summary>
    /// <exception cref="CliException">A store was named.</exception>
    public Task<ApiClient> ApplicationAsync(string what) => globals.Target(parsed).Storage is null
        ? ApiAsync()
        : throw new CliException(ExitCode.Usage, $"{what} runs the workflow's code, which storage does not have. Give the --address of an application that has it.");

    public async Task<JsonObject> GetAsync(ApiPath path) => await (await ApiAsync()).GetAsync(path, Cancellation);

    public async Task<JsonObject> PostAsync(ApiPath path, JsonNode? body) => await (await ApiAsync()).PostAsync(path, body, Cancellation);

    /// <summary>For people: what is to be known besides the data.</summary>
    public Task NoteAsync(string text) => Around.Error.WriteLineAsync(VisibleText.Of(text));

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
    }
}
