namespace Serverless.Storage.Azure;

/// <summary>The REST API's name for a request.</summary>
internal static class RestOperation
{
    public static string Name(StorageService service, string method, Uri uri)
    {
        var path = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);

        // Emulators have the account's name in the path, the service has it in the host's.
        var resource = uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 || uri.IsLoopback ? path.AsSpan(Math.Min(1, path.Length)) : path;
        return service switch
        {
            StorageService.Table => Table(method, resource),
            StorageService.Queue => Queue(method, resource, uri.Query),
            _ => Blob(method, resource, uri.Query),
        };
    }

    private static string Table(string method, ReadOnlySpan<string> resource)
    {
        var name = resource.Length > 0 ? resource[^1] : "";
        var isTable = name.StartsWith("Tables", StringComparison.Ordinal) && (name.Length == 6 || name[6] == '(');
        return (method, isTable) switch
        {
            _ when name == "$batch" => "EntityGroupTransaction",
            ("GET", true) => "QueryTables",
            ("POST", true) => "CreateTable",
            ("DELETE", true) => "DeleteTable",
            ("GET", _) => "QueryEntities",
            ("POST", _) => "InsertEntity",
            ("PUT", _) => "UpdateEntity",
            ("PATCH" or "MERGE", _) => "MergeEntity",
            ("DELETE", _) => "DeleteEntity",
            _ => Unknown(method),
        };
    }

    private static string Queue(string method, ReadOnlySpan<string> resource, string query) => (method, resource.Length) switch
    {
        ("GET", 0) => "ListQueues",
        ("PUT", 1) => Has(query, "comp=metadata") ? "SetQueueMetadata" : "CreateQueue",
        ("DELETE", 1) => "DeleteQueue",
        ("GET" or "HEAD", 1) => "GetQueueMetadata",
        ("POST", 2) => "PutMessage",
        ("GET", 2) => Has(query, "peekonly=true") ? "PeekMessages" : "GetMessages",
        ("DELETE", 2) => "ClearMessages",
        ("PUT", 3) => "UpdateMessage",
        ("DELETE", 3) => "DeleteMessage",
        _ => Unknown(method),
    };

    private static string Blob(string method, ReadOnlySpan<string> resource, string query)
    {
        if (Has(query, "comp=list"))
        {
            return resource.Length == 0 ? "ListContainers" : "ListBlobs";
        }

        return (method, Has(query, "restype=container")) switch
        {
            ("PUT", true) => "CreateContainer",
            ("DELETE", true) => "DeleteContainer",
            ("GET" or "HEAD", true) => "GetContainerProperties",
            ("PUT", _) when Has(query, "comp=blocklist") => "PutBlockList",
            ("PUT", _) when Has(query, "comp=block") => "PutBlock",
            ("PUT", _) => "PutBlob",
            ("GET", _) => "GetBlob",
            ("HEAD", _) => "GetBlobProperties",
            ("DELETE", _) => "DeleteBlob",
            _ => Unknown(method),
        };
    }

    private static bool Has(string query, string parameter) =>
        query.TrimStart('?').Split('&').Contains(parameter, StringComparer.OrdinalIgnoreCase);

    private static string Unknown(string method) => $"Other{method}";
}
