using Serverless.Visibility;

namespace Serverless.Functions.Configuration;

/// <summary>Every configuration key that hosting reads. As environment variables, ":" is written "__".</summary>
internal static class SettingKeys
{
    public const string Section = "Serverless";
    public const string Hub = "Serverless:Hub";
    public const string TaskQueue = "Serverless:TaskQueue";
    public const string ActivityTaskQueues = "Serverless:ActivityTaskQueues";
    public const string BuildId = "Serverless:BuildId";
    public const string DefaultVersioningBehavior = "Serverless:DefaultVersioningBehavior";
    public const string PinnedOnly = "Serverless:PinnedOnly";
    public const string ApiKey = "Serverless:ApiKey";

    /// <summary>Entries with Key, Role and Name.</summary>
    public const string ApiKeys = "Serverless:ApiKeys";

    /// <summary>A section with Authority, SigningKey, Audience, Issuer and RoleClaim.</summary>
    public const string Jwt = "Serverless:Jwt";

    /// <summary>Origins whose pages may call, separated by commas.</summary>
    public const string AllowedOrigins = "Serverless:AllowedOrigins";

    public const string DataDirectory = "Serverless:DataDirectory";
    public const string MaxConcurrentWorkflowTasks = "Serverless:MaxConcurrentWorkflowTasks";
    public const string MaxConcurrentActivities = "Serverless:MaxConcurrentActivities";
    /// <summary>Entries such as "Charge=5/20, Search=/10, Mail=2": attempts per process / across processes.</summary>
    public const string ActivityLimits = "Serverless:ActivityLimits";

    /// <summary>Entries such as "Customer=Keyword, Amount=Double": names and types.</summary>
    public const string SearchAttributes = DeclaredAttributes.Setting;

    /// <summary>How long closed runs are kept; absent: for ever.</summary>
    public const string Retention = "Serverless:Retention";

    public const string MaxRequestBytes = "Serverless:MaxRequestBytes";
    public const string MaxPollInterval = "Serverless:MaxPollInterval";
    public const string MessageLease = "Serverless:MessageLease";
    public const string ShutdownTimeout = "Serverless:ShutdownTimeout";

    /// <summary>Connection string, or a section with accountName, serviceUris, credential and clientId.</summary>
    public const string Storage = "AzureWebJobsStorage";

    /// <summary>Set by the Functions host when it starts this process as its custom handler.</summary>
    public const string HandlerPort = "FUNCTIONS_CUSTOMHANDLER_PORT";

    /// <summary>The keys that may stand under <see cref="Section"/>.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        Hub, TaskQueue, ActivityTaskQueues, BuildId, DefaultVersioningBehavior, PinnedOnly, ApiKey, ApiKeys, Jwt, AllowedOrigins, DataDirectory, MaxConcurrentWorkflowTasks, MaxConcurrentActivities,
        ActivityLimits, SearchAttributes, Retention, MaxRequestBytes, MaxPollInterval, MessageLease, ShutdownTimeout,
    ];

    /// <summary>Those of them that are sections, not single values.</summary>
    public static IReadOnlyList<string> Sections { get; } = [ApiKeys, Jwt];
}
