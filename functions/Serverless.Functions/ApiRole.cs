namespace Serverless.Functions;

/// <summary>What a caller of the HTTP API may do. Each role may do what those before it may.</summary>
public enum ApiRole
{
    /// <summary>Ask: list, count, describe, read histories and results, query.</summary>
    Reader,

    /// <summary>Work: start, signal, update, cancel, terminate, reset, fork, batches and schedules.</summary>
    Operator,

    /// <summary>Keep the hub: delete, purge, export, import, doctor, and batches that delete.</summary>
    Admin,
}
