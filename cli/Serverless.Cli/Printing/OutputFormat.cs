namespace Serverless.Cli.Printing;

/// <summary>How data looks on standard output.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One line of JSON for each item.</summary>
    JsonLines,
}
