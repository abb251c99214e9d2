using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using App.Tests.Running;

namespace App.Tests.Crash;

/// <summary>
/// A disk with little room, which can be given more: a small file system in memory where the tests may mount one, else a limit of the process on the size of its files, which needs no rights.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal abstract class SmallDisk : IDisposable
{
    private readonly TempFolder _temp = new();

    protected SmallDisk() => Folder = Directory.CreateDirectory(Path.Combine(_temp.Path, "disk")).FullName;

    /// <summary>Where the disk is.</summary>
    public string Folder { get; }

    /// <summary>The program, started so that it feels the limit.</summary>
    public abstract string Executable { get; }

    public static SmallDisk Create(int megabytes) => TryMount(megabytes) is { } mounted ? mounted : new LimitedFiles(megabytes);

    /// <summary>There is room from now on.</summary>
    public abstract void MakeRoom(int processId);

    public virtual void Dispose() => _temp.Dispose();

    private static Mounted? TryMount(int megabytes)
    {
        var disk = new Mounted(megabytes);
        if (disk.IsMounted)
        {
            return disk;
        }

        disk.Dispose();
        return null;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    [UnsupportedOSPlatform("windows")]
    private sealed class Mounted : SmallDisk
    {
        public Mounted(int megabytes) => IsMounted = Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "small", Folder);

        public bool IsMounted { get; }

        public override string Executable => AppBuild.Executable;

        public override void MakeRoom(int processId) => Assert.IsTrue(Run("mount", "-o", "remount,size=256m", Folder));

        public override void Dispose()
        {
            if (IsMounted)
            {
                Run("umount", "-l", Folder);
            }

            base.Dispose();
        }
    }

    [UnsupportedOSPlatform("windows")]
    private sealed class LimitedFiles : SmallDisk
    {
        private const int FileSize = 1;

        public LimitedFiles(int megabytes)
        {
            // A write beyond the limit is refused only where its signal is ignored, which a program inherits.
            Executable = Path.Combine(_temp.Path, "limited");
            File.WriteAllText(
                Executable, string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\ntrap '' XFSZ\nulimit -S -f {megabytes * 2048}\nexec '{AppBuild.Executable}' \"$@\"\n"));
            File.SetUnixFileMode(Executable, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public override string Executable { get; }

        public override void MakeRoom(int processId)
        {
            Limit unlimited = new(ulong.MaxValue, ulong.MaxValue);
            Assert.AreEqual(0, ChangeLimit(processId, FileSize, ref unlimited, IntPtr.Zero));
        }

        [DllImport("libc", EntryPoint = "prlimit")]
        private static extern int ChangeLimit(int processId, int resource, ref Limit limit, IntPtr before);

        private readonly record struct Limit(ulong Soft, ulong Hard);
    }
}
