using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using App.Tests.Running;

namespace App.Tests.Crash;

/// <summary>What the embedded store does when its disk is full, or when its file can't be written.</summary>
[TestClass]
[UnsupportedOSPlatform("windows")]
public sealed class DiskTests
{
    private const int DropRight = 24;
    private const nuint PassPermissions = 1;
    private const nuint PassReadPermissions = 2;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(240_000, CooperativeCancellation = true)]
    public async Task FullDisk_LosesNothingThatWasAcknowledged_AndWorkGoesOnWhenThereIsRoom()
    {
        using var disk = SmallDisk.Create(megabytes: 6);
        TestContext.WriteLine(disk.GetType().Name);
        var port = AppProcess.FreePort();
        (string, string)[] environment = [("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), ("Serverless__MessageLease", "2s"), ("Logging__LogLevel__Default", "Error")];
        await using var app = AppProcess.Launch(disk.Executable, disk.Folder, port, environment);
        await app.UntilAsync("api/health", HttpStatusCode.OK);

        // Two processes on the one file: the disk is full for both.
        await using var other = await AppProcess.StartAsync(disk.Executable, disk.Folder, null, [.. environment[1..]]);
        List<string> acknowledged = [];
        string? refusal = null;
        for (var i = 1; refusal is null; i++)
        {
            Assert.IsLessThan(1_000, i, "The disk did not become full.");
            var id = $"large-{i}";
            var (status, answer) = await (i % 2 == 0 ? app : other).Http.PostAsync("api/workflows", $$"""{"type":"Greeting","id":"{{id}}","args":["{{Name(i)}}"]}""");
            if (status == HttpStatusCode.Created)
            {
                acknowledged.Add(id);
                continue;
            }

            Assert.AreEqual(HttpStatusCode.ServiceUnavailable, status, answer.ToString());
            Assert.AreEqual("storage-unavailable", answer["code"]!.GetValue<string>());
            refusal = answer["detail"]!.GetValue<string>();
        }

        StringAssert.Contains(refusal, "default.db");
        StringAssert.Matches(refusal, new("the disk is full: free some space|check the disk, its quota and limits on the size of files"));
        var (readable, _) = await app.Http.ReadAsync($"api/workflows/{acknowledged[0]}");
        Assert.AreEqual(HttpStatusCode.OK, readable);

        disk.MakeRoom(app.Id);
        disk.MakeRoom(other.Id);
        foreach (var (index, id) in acknowledged.Index())
        {
            await FinishAsync(index % 2 == 0 ? app : other, id);
        }

        foreach (var (index, id) in acknowledged.Index())
        {
            var (status, answer) = await app.Http.ReadAsync($"api/workflows/{id}/result?wait=90s");
            Assert.AreEqual(HttpStatusCode.OK, status, $"{id}: {answer}\n{app.Log}\n{other.Log}");
            StringAssert.Contains(answer["result"]!.GetValue<string>(), Name(int.Parse(id["large-".Length..], null)));
            Assert.AreEqual(id, acknowledged[index]);
        }
    }

    [TestMethod]
    [DataRow(true, "is read-only: make both writable", DisplayName = "A read-only file")]
    [DataRow(false, "is damaged or no SQLite file: restore a backup", DisplayName = "A file that is no database")]
    public async Task UnusableFile_EndsTheStart_AndSaysWhichAndWhatToDo(bool isReadOnly, string said)
    {
        using var folder = new TempFolder();
        var data = Directory.CreateDirectory(Path.Combine(folder.Path, ".data")).FullName;
        var file = Path.Combine(data, "default.db");
        if (isReadOnly)
        {
            await using (var app = await AppProcess.StartAsync(folder.Path))
            {
                await app.TerminateAsync();
            }

            File.SetUnixFileMode(file, UnixFileMode.UserRead);
            File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        else
        {
            await File.WriteAllTextAsync(file, new string('x', 8192), TestContext.CancellationToken);
        }

        try
        {
            await using var app = LaunchUnprivileged(folder.Path);
            Assert.AreEqual(78, await app.ExitAsync(), app.Log);
            StringAssert.Contains(app.Log, "default.db");
            StringAssert.Contains(app.Log, said);
        }
        finally
        {
            File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>
    /// Starts the program so that the permissions of files mean something: a superuser's process passes them by. A process inherits from the thread that starts it which rights it may have.
    /// </summary>
    private static AppProcess LaunchUnprivileged(string folder)
    {
        AppProcess? app = null;
        var thread = new Thread(() =>
        {
            if (Environment.IsPrivilegedProcess)
            {
                Assert.AreEqual(0, ChangeProcess(DropRight, PassPermissions, 0, 0, 0));
                Assert.AreEqual(0, ChangeProcess(DropRight, PassReadPermissions, 0, 0, 0));
            }

            app = AppProcess.Launch(AppBuild.Executable, folder, 1, ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        });
        thread.Start();
        thread.Join();
        return app!;
    }

    [DllImport("libc", EntryPoint = "prctl")]
    private static extern int ChangeProcess(int option, nuint first, nuint second, nuint third, nuint fourth);

    /// <summary>Does not become smaller by compression.</summary>
    private static string Name(int number)
    {
        var bytes = new byte[18_000];
        new Random(number).NextBytes(bytes);
        return Convert.ToHexString(bytes);
    }

    /// <summary>Sends the signal until it is accepted.</summary>
    private async Task FinishAsync(AppProcess app, string id)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var (status, answer) = await app.Http.PostAsync($"api/workflows/{id}/signals/finish?requestId=finish");
            if (status == HttpStatusCode.Accepted)
            {
                return;
            }

            Assert.IsLessThan(TimeSpan.FromSeconds(60), Stopwatch.GetElapsedTime(begun), $"{id}: {answer}\n{app.Log}");
            await Task.Delay(100, TestContext.CancellationToken);
        }
    }
}
