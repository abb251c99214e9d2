using System.Text;

namespace Serverless.Cli.Api;

/// <summary>A path of the HTTP API and its query; whatever is put in is escaped.</summary>
internal sealed class ApiPath
{
    private readonly StringBuilder _text = new("api");
    private char _separator = '?';

    private ApiPath()
    {
    }

    public static ApiPath Of(params IEnumerable<string> segments)
    {
        var path = new ApiPath();
        foreach (var segment in segments)
        {
            path._text.Append('/').Append(Uri.EscapeDataString(segment));
        }

        return path;
    }

    /// <summary>Adds a value to the query; null adds nothing.</summary>
    public ApiPath With(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            _separator = '&';
        }

        return this;
    }

    public override string ToString() => _text.ToString();
}
