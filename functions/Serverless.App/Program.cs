using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.App.Accounts;
using Serverless.App.Transfers;
using Serverless.App.Workflows;
using Serverless.Converters;
using Serverless.Functions;

try
{
    var isBatch = args is ["run-transfers", ..];
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = isBatch ? [] : args, ContentRootPath = AppContext.BaseDirectory });
    if (isBatch)
    {
        TransferRun.Configure(builder);
    }

    var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    var folder = "";
    builder.AddServerlessWorkflows(o =>
    {
        folder = o.DataDirectory;
        o.DataConverter = new DataConverter(new DefaultPayloadConverter(json), new DefaultFailureConverter());
        o.AddWorkflow<MoneyTransferWorkflow>().AddWorkflow<SubscriptionWorkflow>().AddWorkflow<GreetingWorkflow>();
        o.AddActivities<AccountActivities>();
    });
    builder.Services.AddSingleton<IAccountStore>(_ => new SqliteAccountStore(Path.Combine(folder, "accounts.db")));
    builder.Services.AddSingleton<AccountActivities>();
    var app = builder.Build();
    app.MapServerlessWorkflows();
    if (isBatch)
    {
        return await TransferRun.RunAsync(app, args[1..]);
    }

    await app.RunAsync();
    return Environment.ExitCode;
}
catch (ServerlessConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 78;
}
