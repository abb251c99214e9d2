using App.Tests.Running;
using Serverless.Functions;

namespace App.Tests.Access;

/// <summary>A process that could be entered by mistake does not start.</summary>
[TestClass]
public sealed class AccessSettingsTests
{
    private const string Key = "0123456789abcdef";

    [TestMethod]
    [DataRow("urls", "http://0.0.0.0:7071", "Serverless:ApiKey")]
    [DataRow("urls", "http://127.0.0.1:1;http://*:2", "Serverless:ApiKey")]
    [DataRow("http_ports", "8080", "Serverless:ApiKey")]
    [DataRow("Kestrel:Endpoints:Any:Url", "http://[::]:80", "Serverless:ApiKey")]
    [DataRow("Serverless:ApiKey", "short", "Serverless:ApiKey")]
    [DataRow("Serverless:ApiKeys", Key, "Serverless:ApiKeys")]
    [DataRow("Serverless:ApiKeys:0:Role|Serverless:ApiKeys:0:Key", "reader|short", "Serverless:ApiKeys")]
    [DataRow("Serverless:ApiKeys:0:Role", "reader", "Serverless:ApiKeys:0:Key")]
    [DataRow("Serverless:ApiKeys:0:Key", Key, "Serverless:ApiKeys:0:Role")]
    [DataRow("Serverless:ApiKeys:0:Key|Serverless:ApiKeys:0:Role", $"{Key}|root", "Serverless:ApiKeys:0:Role")]
    [DataRow("Serverless:ApiKeys:0:Key|Serverless:ApiKeys:0:Role", $"{Key}|2", "Serverless:ApiKeys:0:Role")]
    [DataRow("Serverless:ApiKeys:0:Kee", Key, "Serverless:ApiKeys:0:Kee")]
    [DataRow("Serverless:ApiKey|Serverless:ApiKeys:0:Key|Serverless:ApiKeys:0:Role", $"{Key}|{Key}|reader", "Serverless:ApiKeys")]
    [DataRow("Serverless:Jwt:Audience", "workflows", "Serverless:Jwt")]
    [DataRow("Serverless:Jwt:Authority", "https://issuer.example", "Serverless:Jwt:Audience")]
    [DataRow("Serverless:Jwt:Authority|Serverless:Jwt:Audience", "http://issuer.example|workflows", "Serverless:Jwt:Authority")]
    [DataRow("Serverless:Jwt:Authority|Serverless:Jwt:SigningKey|Serverless:Jwt:Audience", $"https://issuer.example|{Tokens.Secret}|workflows", "Serverless:Jwt")]
    [DataRow("Serverless:Jwt:SigningKey|Serverless:Jwt:Audience", $"{Tokens.Secret}|workflows", "Serverless:Jwt:Issuer")]
    [DataRow("Serverless:Jwt:SigningKey|Serverless:Jwt:Audience|Serverless:Jwt:Issuer", "short|workflows|me", "Serverless:Jwt:SigningKey")]
    [DataRow("Serverless:Jwt:Audiences", "workflows", "Serverless:Jwt:Audiences")]
    [DataRow("Serverless:AllowedOrigins", "*", "Serverless:AllowedOrigins")]
    [DataRow("Serverless:AllowedOrigins", "https://ops.example/", "Serverless:AllowedOrigins")]
    [DataRow("Serverless:AllowedOrigins", "ops.example", "Serverless:AllowedOrigins")]
    [DataRow("AzureWebJobsStorage", Key, "AzureWebJobsStorage")]
    [DataRow("AzureWebJobsStorage", $"AccountName=x;AccountKey={Key}!", "AzureWebJobsStorage")]
    public void Start_UnsafeSetting_NamesTheKeyAndFails(string keys, string values, string named)
    {
        var settings = keys.Split('|').Zip(values.Split('|')).ToArray();

        var e = Assert.ThrowsExactly<ServerlessConfigurationException>(() => MemoryApp.Build(settings));

        Assert.AreEqual(named, e.Key, e.Message);
        Assert.DoesNotContain(Key, e.Message);
        Assert.DoesNotContain(Tokens.Secret, e.Message);
    }

    [TestMethod]
    [DataRow("Serverless:ApiKey", Key)]
    [DataRow("Serverless:ApiKeys:ci:Key|Serverless:ApiKeys:ci:Role", $"{Key}|operator")]
    [DataRow("Serverless:Jwt:Authority|Serverless:Jwt:Audience", "https://issuer.example|workflows")]
    public async Task Start_BeyondThisMachine_NeedsAnyKindOfCredential(string keys, string values)
    {
        await using var app = MemoryApp.Build([("urls", "http://0.0.0.0:7071"), .. keys.Split('|').Zip(values.Split('|'))]);

        Assert.IsNotEmpty(app.Endpoints);
    }

    [TestMethod]
    public async Task Start_WithoutSettings_BindsToThisMachineOnly()
    {
        await using var app = MemoryApp.Build();
        var mode = (Serverless.Functions.Configuration.HostMode)app.Services.GetService(typeof(Serverless.Functions.Configuration.HostMode))!;

        CollectionAssert.AreEqual(new[] { "http://127.0.0.1:7071" }, mode.Addresses.ToList());
        Assert.IsTrue(mode.IsLoopbackOnly);
    }
}
