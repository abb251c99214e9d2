using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.Engine;
using Serverless.Functions.Access;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Triggers;

/// <summary>
/// The endpoints that the Functions host calls, one per function folder. Success is 200 with a JSON object, always: an empty answer would hang the invocation.
/// Any other status brings the message back. They exist only in a process that the Functions host started, and answer the local machine only.
/// </summary>
internal static partial class TriggerEndpoints
{
    /// <summary>Queue listeners may start before this process has reached its storage; waiting here spares the message an attempt.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>The host takes a message for ten minutes. It does not say when it did, nor whether it still has it.</summary>
    private static readonly TimeSpan _sureHold = TimeSpan.FromMinutes(5);

    private static readonly (string Function, Func<IMessageHandlers, Func<QueueDelivery, CancellationToken, Task>> Select)[] _functions =
    [
        ("WorkflowTask", static handlers => handlers.HandleWorkflowAsync),
        ("PinnedWorkflowTask", static handlers => handlers.HandleWorkflowAsync),
        ("ActivityTask", static handlers => handlers.HandleActivityAsync),
        ("TimerTask", static handlers => handlers.HandleTimerAsync),
    ];

    public static void Map(RouteGroupBuilder app)
    {
        app.MapGet("/", () => Results.Json(new { status = "ready" })).AllowAnonymous().ExcludeFromDescription();
        var host = app.MapGroup("").RequireAuthorization(AccessRules.FunctionsHost);
        foreach (var (function, select) in _functions)
        {
            Map(host, function, select);
        }
    }

    private static void Map(RouteGroupBuilder app, string function, Func<IMessageHandlers, Func<QueueDelivery, CancellationToken, Task>> select) =>
        app.MapPost($"/{function}", async (HttpContext http, EngineRuntime runtime, HubReadiness readiness, IHostApplicationLifetime lifetime, TimeProvider time, ILoggerFactory loggers) =>
        {
            var hold = new MessageHold(time);
            hold.Granted(hold.Now, _sureHold);
            try
            {
                // Not bound to the request: if the host gives the connection up, its next delivery finds the work done.
                using var body = await JsonDocument.ParseAsync(http.Request.Body, default, CancellationToken.None);
                var delivery = TriggerMessage.Parse(body.RootElement);
                await readiness.WaitAsync(_patience, lifetime.ApplicationStopping);
                await select(runtime.Handlers)(delivery with { Hold = hold }, lifetime.ApplicationStopping);
                return Results.Json(new { Outputs = new { } });
            }
#pragma warning disable CA1031 // Whatever was thrown means one thing to the host: the message is not done.
            catch (Exception e)
#pragma warning restore CA1031
            {
                InvocationFailed(loggers.CreateLogger(typeof(TriggerEndpoints)), e, function);
                return Results.Json(new { error = e.Message }, statusCode: StatusCodes.Status500InternalServerError);
            }
        }).ExcludeFromDescription();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Function {Function} failed; the host repeats it.")]
    private static partial void InvocationFailed(ILogger logger, Exception exception, string function);
}
