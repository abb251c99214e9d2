using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Functions.Configuration;

namespace Serverless.Functions.Http;

/// <summary>Reads the parts of a request that several endpoints share, each with an error that says how to write it.</summary>
internal static class RequestParts
{
    /// <summary>Front ends cut a request off after 230 s; an answer before that is better than none.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(230);

    private static readonly EngineLimits _limits = new();

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = JsonTexts.MaxDepth,
        Converters = { new JsonStringEnumConverter(), new ValueListConverter(_limits.MaxValues), new ValueMapConverter(_limits.MaxValues) },
    };

    /// <summary>The value of <c>wait</c>, at most <see cref="MaxWait"/>. A request that is going to wait takes one of the places that there are.</summary>
    public static TimeSpan Wait(HttpContext http, TimeSpan fallback = default)
    {
        var wait = AskedWait(http, fallback);
        if (wait > TimeSpan.Zero)
        {
            http.RequestServices.GetRequiredService<WaitLimit>().Enter(http);
        }

        return wait;
    }

    private static TimeSpan AskedWait(HttpContext http, TimeSpan fallback)
    {
        var text = http.Request.Query["wait"].ToString();
        if (text.Length == 0)
        {
            return fallback;
        }

        if (!Durations.TryParse(text, out var wait))
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest, $"wait={text} is not a duration. Write {Durations.Syntax}.");
        }

        return wait < MaxWait ? wait : MaxWait;
    }

    public static WorkflowRef Workflow(HttpContext http, string id)
    {
        WorkflowIdRules.Check(id);
        var run = http.Request.Query["run"].ToString();
        return new WorkflowRef(id, run.Length == 0 ? null : run);
    }

    public static int Number(HttpContext http, string name, int fallback, int min, int max)
    {
        var text = http.Request.Query[name].ToString();
        if (text.Length == 0)
        {
            return fallback;
        }

        return int.TryParse(text, out var number) && number >= min && number <= max
            ? number
            : throw new ApiException(400, ProblemCodes.InvalidRequest, $"{name}={text} is not a whole number from {min} to {max}.");
    }

    public static string? Text(HttpContext http, string name)
    {
        var text = http.Request.Query[name].ToString();
        return text.Length == 0 ? null : text;
    }

    /// <summary>The body as <typeparamref name="T"/>, whatever content type the caller named; null when there is no body.</summary>
    public static async Task<T?> BodyAsync<T>(HttpContext http)
        where T : class
    {
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        return buffer.Length == 0 ? null : Read<T>(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static T? Read<T>(ReadOnlySpan<byte> body) => JsonTexts.IsUnicode(body)
        ? JsonSerializer.Deserialize<T>(body, _json)
        : throw new JsonException("a text in it holds half of a character: \\ud800 to \\udfff stand in pairs.");

    /// <summary>The body as a list of arguments: a JSON array, or nothing.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ArgumentsAsync(HttpContext http)
    {
        try
        {
            return await BodyAsync<IReadOnlyList<JsonElement>>(http) ?? [];
        }
        catch (JsonException e)
        {
            throw new ApiException(400, ProblemCodes.InvalidJson, $"The body must be a JSON array of arguments, such as [\"first\", 2], or empty: {e.Message}");
        }
    }
}
