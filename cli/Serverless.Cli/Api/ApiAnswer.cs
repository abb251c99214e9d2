using System.Text.Json.Nodes;

namespace Serverless.Cli.Api;

/// <summary>An answer of the HTTP API: its status and its JSON, an empty object when it had no body.</summary>
internal sealed record ApiAnswer(int Status, JsonObject Body)
{
    /// <summary>The API redirects nobody: an address that does is another.</summary>
    public bool IsError => Status >= 300;

    /// <summary>202: asked for, and not done yet.</summary>
    public bool IsPending => Status == 202;

    /// <summary>The stable code of problem details; empty when the answer is none.</summary>
    public string ProblemCode => (string?)Body["code"] ?? "";
}
