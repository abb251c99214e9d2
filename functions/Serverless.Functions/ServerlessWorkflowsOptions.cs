using Serverless.Common;

namespace Serverless.Functions;

/// <summary>
/// How this process hosts workflows. Values come from configuration first (keys under <c>Serverless:</c>); what the code sets in
/// <c>AddServerlessWorkflows</c> wins.
/// </summary>
public sealed partial class ServerlessWorkflowsOptions
{
    /// <summary>
    /// Prefix of every queue, table and container, so that applications can share a storage account. 3 to 30 lower-case letters and digits,
    /// beginning with a letter. Default "default".
    /// </summary>
    public string Hub { get; set; } = "default";

    /// <summary>Task queue of workflows and activities that name none. 1 to 200 characters. Default "default".</summary>
    public string TaskQueue { get; set; } = "default";

    /// <summary>Further task queues whose activities this process runs, besides <see cref="TaskQueue"/>. Default none.</summary>
    public IList<string> ActivityTaskQueues { get; } = [];

    /// <summary>
    /// Names this build of the code in histories and for pinned workflows, which stay with it. Every process of the build has the same. 1 to 100 characters. Under the
    /// Functions host, where a queue's name is made of it: up to 15 lower-case letters, digits and hyphens. Default: none, and nothing is pinned.
    /// </summary>
    public string? BuildId { get; set; }

    /// <summary>Whether workflows stay with their build that don't say so themselves. Default: they don't.</summary>
    public VersioningBehavior DefaultVersioningBehavior { get; set; }

    /// <summary>
    /// True for an old build that is only kept for what is pinned to it: a self-hosted process then takes from its build's queue and leaves new work to others. Needs
    /// <see cref="BuildId"/>. Under the Functions host, disable the functions WorkflowTask, ActivityTask and TimerTask instead. Default false.
    /// </summary>
    public bool PinnedOnly { get; set; }

    /// <summary>
    /// The administrator's key to the HTTP API, sent in the header <c>x-functions-key</c>. This, <see cref="ApiKeys"/> or <see cref="Jwt"/> is needed when the process
    /// listens on anything but a loopback address. At least 16 characters. Not used under the Functions host, which checks its own keys. Default: none.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>Further keys, each with a role. Those of configuration and of code come together. Not used under the Functions host. Default none.</summary>
    public ApiKeys ApiKeys { get; } = new();

    /// <summary>
    /// Bearer tokens that the HTTP API takes. Under the Functions host they are asked for in addition to its key, unless the function's <c>authLevel</c> asks for none.
    /// Default: none are taken.
    /// </summary>
    public JwtSettings? Jwt { get; set; }

    /// <summary>Origins such as <c>https://ops.example.org</c> whose pages may call the HTTP API from a browser, with a key or token. Default: none.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Folder of the embedded store, used when no storage account is configured. Default ".data" in the working directory.</summary>
    public string DataDirectory { get; set; } = ".data";

    /// <summary>Workflow and timer messages handled at the same time when self-hosted. 1 to 1000; default 100.</summary>
    public int MaxConcurrentWorkflowTasks { get; set; } = 100;

    /// <summary>Activities run at the same time in this process. 1 to 10000; default 100.</summary>
    public int MaxConcurrentActivities { get; set; } = 100;

    /// <summary>Limits of single activity types. Default none.</summary>
    public ActivityLimits ActivityLimits { get; } = new();

    /// <summary>Custom search attributes that workflows may have, with their types. Those of configuration and of code come together. Default none.</summary>
    public SearchAttributeDeclarations SearchAttributes { get; } = new();

    /// <summary>
    /// How long closed runs are kept, from their end. 1 min to 100 years; what was closed before the setting was changed is kept as long as the new value says. Default: for ever, and
    /// 30 days for batches and schedules that have ended.
    /// </summary>
    public TimeSpan? Retention { get; set; }

    /// <summary>Largest body of an HTTP request in bytes. 1 KiB to 100 MiB; default 4 MiB. More is answered with 413.</summary>
    public long MaxRequestBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Longest pause between two looks at an idle queue when self-hosted. 100 ms to 5 min. Default 10 s on a storage account, 1 s on the
    /// embedded store. What this process sends itself is always seen at once.
    /// </summary>
    public TimeSpan? MaxPollInterval { get; set; }

    /// <summary>
    /// How long a message that a self-hosted process works on stays hidden from the others; renewed at half. When a process dies or stands still, another takes over its
    /// work after this time. 2 s to 5 min; default 30 s. Shorter costs more renewals of work that takes long.
    /// </summary>
    public TimeSpan MessageLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopping process lets running work end. 1 s to 10 min; default 30 s. What is cut off then is repeated elsewhere.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
