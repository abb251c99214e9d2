using System.CommandLine;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>Options that every verb has, and the environment variables that stand in for them.</summary>
internal sealed class GlobalOptions(Surroundings around)
{
    public const string DefaultAddress = "http://127.0.0.1:7071";
    public const string AddressVariable = "SERVERLESS_ADDRESS";
    public const string KeyVariable = "SERVERLESS_API_KEY";
    public const string TokenVariable = "SERVERLESS_TOKEN";
    public const string StorageVariable = "SERVERLESS_STORAGE";
    public const string HubVariable = "SERVERLESS_HUB";
    public const string DefaultHub = "default";

    private readonly Option<string?> _address = new("--address")
    {
        Description = $"Address of the application. Default: {AddressVariable}, or {DefaultAddress}.",
        HelpName = "url",
        Recursive = true,
    };

    private readonly Option<string?> _apiKey = new("--api-key")
    {
        Description = $"Its API key. Default: {KeyVariable}.",
        HelpName = "key",
        Recursive = true,
    };

    private readonly Option<string?> _token = new("--token")
    {
        Description = $"A bearer token for it, in place of a key. Default: {TokenVariable}.",
        HelpName = "jwt",
        Recursive = true,
    };

    private readonly Option<string?> _storage = new("--storage")
    {
        Description = $"Works on storage without an application: a connection string, {DirectHost.AccountPrefix}NAME for an account entered with your identity, or the folder "
            + $"of an embedded store. Default: {StorageVariable}.",
        HelpName = "store",
        Recursive = true,
    };

    private readonly Option<string?> _hub = new("--hub")
    {
        Description = $"The hub in that storage. Default: {HubVariable}, or '{DefaultHub}'.",
        HelpName = "name",
        Recursive = true,
    };

    private readonly Option<string> _output = new Option<string>("--output", "-o")
    {
        Description = "table for people, json for one document, jsonl for one line per item. Default: table on a terminal, json elsewhere.",
        HelpName = "table|json|jsonl",
        Recursive = true,
    }.AcceptOnlyFromAmong("table", "json", "jsonl");

    public IEnumerable<Option> All => [_address, _apiKey, _token, _storage, _hub, _output];

    public OutputFormat Format(ParseResult parsed) => parsed.GetValue(_output) switch
    {
        "table" => OutputFormat.Table,
        "json" => OutputFormat.Json,
        "jsonl" => OutputFormat.JsonLines,
        _ => around.OutIsTerminal ? OutputFormat.Table : OutputFormat.Json,
    };

    /// <summary>What the command line says goes before what the environment says.</summary>
    /// <exception cref="CliException">They contradict each other.</exception>
    public ApiTarget Target(ParseResult parsed)
    {
        var address = parsed.GetValue(_address);
        var storage = parsed.GetValue(_storage);
        if (address is not null && storage is not null)
        {
            throw new CliException(ExitCode.Usage, "--address and --storage exclude each other: one asks an application, the other works without it.");
        }

        storage ??= address is null ? Variable(StorageVariable) : null;
        if (storage is null && parsed.GetValue(_hub) is not null)
        {
            throw new CliException(ExitCode.Usage, "--hub names a hub in --storage. An application at an address has one hub.");
        }

        var (key, token) = Credentials(parsed);
        return storage is null
            ? new ApiTarget(Address(address ?? Variable(AddressVariable) ?? DefaultAddress), key, token, null, "")
            : new ApiTarget(null, null, null, storage, parsed.GetValue(_hub) ?? Variable(HubVariable) ?? DefaultHub);
    }

    /// <exception cref="CliException">Both are given, or one can't stand in a header.</exception>
    private (string? Key, string? Token) Credentials(ParseResult parsed)
    {
        var (key, token) = (parsed.GetValue(_apiKey), parsed.GetValue(_token));
        if (key is null && token is null)
        {
            (key, token) = (Variable(KeyVariable), Variable(TokenVariable));
        }

        if (key is not null && token is not null)
        {
            throw new CliException(ExitCode.Usage, $"A key and a token exclude each other: give one of {_apiKey.Name} and {_token.Name}, or one of {KeyVariable} and {TokenVariable}.");
        }

        return (key ?? token ?? "").All(static c => c is > ' ' and < '\x7f')
            ? (key, token)
            : throw new CliException(ExitCode.Usage, "A key or token has visible ASCII characters only. Was a line break copied along?");
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : $"{text}/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new CliException(ExitCode.Usage, $"'{text}' is no address. Write it like {DefaultAddress}.");

    private string? Variable(string name) => around.Variable(name) is { Length: > 0 } value ? value : null;
}
