using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Serverless.Client;
using Serverless.Tests.Engine;
using Serverless.Visibility;

namespace Core.Tests.Hostile;

/// <summary>The seal of a page token tells damage, not forgery: who knows how it is made can make one. It says a place in a list and nothing else.</summary>
[TestClass]
public sealed class ForgedTokenTests
{
    private static readonly string[] Filters =
    [
        "", "ORDER BY CloseTime DESC", "ORDER BY AKeyword, ALong DESC, ADouble", "AKeyword = 'x' ORDER BY ABool, ATime DESC, ExecutionDuration, ExecutionStatus",
        "StartTime > now() - 100000d AND ALong > 3 ORDER BY WorkflowType", "StartTime < now() + 100000d",
    ];

    [TestMethod]
    public async Task Pages_after_a_forged_token_are_given_or_refused()
    {
        await using var host = new EngineHost([typeof(Hello)], new Steps());
        for (var i = 0; i < 5; i++)
        {
            await host.StartAsync("Hello", $"w{i}", false, "x");
            await host.CloseAsync($"w{i}");
        }

        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync("ExecutionStatus = 'Completed'", default))[""] == 5, "all listed");
        var place = Gen.Select(Gen.OneOf(Gen.Long, Gen.OneOf(0L, -1L, DateTimeOffset.MaxValue.UtcTicks, DateTimeOffset.UnixEpoch.UtcTicks)), Gen.OneOf("", "run", "\uD800", "!~\u007F"), Gen.Byte.Array[0, 60]);
        Gen.Select(Gen.OneOf(Filters), place, place).Sample(
            (filter, now, start) =>
            {
                var parsed = FilterParser.Parse(filter);
                try
                {
                    host.Engine.Reader.ListAsync(filter, 2, Forge(parsed, now.Item1, start.Item1, start.Item2, start.Item3), default).GetAwaiter().GetResult();
                }
                catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.InvalidArgument)
                {
                    // Refused.
                }
            },
            iter: 4_000,
            threads: 1);
    }

    private static string Forge(ListFilter filter, long now, long start, string run, byte[] values)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write((byte)1);
        writer.Write(now);
        writer.Write(start);
        writer.Write(run);
        for (var i = 0; i < values.Length; i++)
        {
            // The first byte of each value is its kind: most are such as there are.
            writer.Write(i % 9 == 0 ? (byte)(values[i] % 10) : values[i]);
        }

        var content = stream.ToArray();
        var seal = SHA256.HashData([.. content, (byte)ListDivision.Workflows, .. Encoding.UTF8.GetBytes(FilterPrinter.Print(filter))])[..8];
        return Base64Url.EncodeToString([.. content, .. seal]);
    }
}
