using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Converters;
using Serverless.FloodApp;
using Serverless.Functions;

var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
var builder = WebApplication.CreateBuilder(args);
builder.AddServerlessWorkflows(o =>
{
    o.DataConverter = new DataConverter(new DefaultPayloadConverter(json), new DefaultFailureConverter());
    o.AddWorkflow<FloodWorkflow>().AddWorkflow<NeighbourWorkflow>().AddWorkflow<CulpritWorkflow>();
    o.AddActivities<NeighbourActivities>();
});
builder.Services.AddSingleton<NeighbourActivities>();
var app = builder.Build();
app.MapServerlessWorkflows();
await app.RunAsync();
