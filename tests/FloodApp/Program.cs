using System.Text.Json;
using Serverless.Converters;
using Serverless.FloodApp;
using Serverless.Functions;

var builder = WebApplication.CreateBuilder(args);
builder.AddServerlessWorkflows(o =>
{
    o.DataConverter = new DataConverter(new DefaultPayloadConverter(JsonSerializerOptions.Web), new DefaultFailureConverter());
    o.AddWorkflow<FloodWorkflow>();
});
var app = builder.Build();
app.MapServerlessWorkflows();
await app.RunAsync();
