using MlNetBert.Tests.Common;
using MlNetBert.Training.Loop;

namespace MlNetBert.Training.Tests.Loop;

/// <summary>Memory limits as Linux tells them, in a made-up root.</summary>
public sealed class AvailableMemoryTests : IDisposable
{
    private const string Unlimited = "9223372036854771712\n";
    private const string SecondMount = "41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n";
    private const string FirstMounts = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n";

    private readonly TemporaryDirectory _root = new();

    [Fact]
    public void FromMeminfo_Text_IsInBytes()
    {
        Assert.Equal(2048, AvailableMemory.FromMeminfo("MemTotal:  9 kB\nMemAvailable:       2 kB\n"));
        Assert.Null(AvailableMemory.FromMeminfo("MemTotal:  9 kB\n"));
        if (OperatingSystem.IsLinux())
            Assert.True(AvailableMemory.Bytes() > 0);
    }

    [Fact]
    public void OnLinux_NoGroups_IsWhatTheSystemHas()
    {
        Write("proc/meminfo", "MemAvailable: 5 kB\n");
        Assert.Equal(5 * 1024, AvailableMemory.OnLinux(_root.Path));
        Assert.Null(AvailableMemory.OnLinux(_root.File("nothing")));
    }

    [Theory]
    [InlineData("app.slice/run.scope")]
    [InlineData("app.slice")]
    [InlineData("")]
    public void OnLinux_SecondVersionLimitAtAnyLevel_IsSeen(string limited)
    {
        Write("proc/meminfo", "MemAvailable: 100 kB\n");
        Write("proc/self/mountinfo", SecondMount);
        Write("proc/self/cgroup", "0::/app.slice/run.scope\n");
        foreach (var level in new[] { "", "app.slice", "app.slice/run.scope" })
            Second(level, level == limited ? "1000\n" : "max\n", "500\n", "anon 3\ninactive_file 100\nactive_file 7\n");

        Assert.Equal(600, AvailableMemory.OnLinux(_root.Path));
    }

    [Fact]
    public void OnLinux_SeveralLimits_TheLeastThatIsLeftCounts()
    {
        Write("proc/self/mountinfo", SecondMount);
        Write("proc/self/cgroup", "0::/a/b\n");
        Second("a/b", "2000\n", "500\n", "");
        Second("a", "3000\n", "2600\n", "");
        Assert.Equal(400, AvailableMemory.OnLinux(_root.Path));

        Write("sys/fs/cgroup/a/b/memory.high", "600\n");
        Assert.Equal(100, AvailableMemory.OnLinux(_root.Path));

        Second("a", "3000\n", "4000\n", "");
        Assert.Equal(0, AvailableMemory.OnLinux(_root.Path));
    }

    [Theory]
    [InlineData("job/step")]
    [InlineData("job")]
    public void OnLinux_FirstVersionLimitAtAnyLevel_IsSeen(string limited)
    {
        Write("proc/self/mountinfo", FirstMounts + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n");
        Write("proc/self/cgroup", "4:memory:/job/step\n1:cpu:/elsewhere\n0::/\n");
        foreach (var level in new[] { "", "job", "job/step" })
            First(level, level == limited ? "1000\n" : Unlimited, "500\n", "inactive_file 1\ntotal_inactive_file 100\n");

        Assert.Equal(600, AvailableMemory.OnLinux(_root.Path));
    }

    [Fact]
    public void OnLinux_FirstVersionInAContainer_SeesItsOwnGroupAndTheLimitAbove()
    {
        // The path is the host's; the container's mount shows its own group alone.
        Write("proc/self/mountinfo", "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
        Write("proc/self/cgroup", "4:cpuacct,memory:/docker/abc\n");
        First("", Unlimited, "500\n", "total_inactive_file 0\nhierarchical_memory_limit 900\n");

        Assert.Equal(400, AvailableMemory.OnLinux(_root.Path));
    }

    [Theory]
    [InlineData("0::/../../elsewhere\n")]
    [InlineData("0::/not/mounted\n")]
    public void OnLinux_GroupThatIsNotSeen_TakesTheHighestThatIs(string group)
    {
        Write("proc/self/mountinfo", SecondMount);
        Write("proc/self/cgroup", group);
        Second("", "1000\n", "500\n", "");

        Assert.Equal(500, AvailableMemory.OnLinux(_root.Path));
    }

    [Fact]
    public void OnLinux_Garbage_IsPassedOver()
    {
        Write("proc/meminfo", "MemAvailable: 5 kB\n");
        Write("proc/self/mountinfo", "nonsense\n1 2 3\n- - - - - - - - -\n" + SecondMount);
        Write("proc/self/cgroup", "\n::\nx:memory:\n0::/a\n");
        Second("a", "lots\n", "", "inactive_file\n");

        Assert.Equal(5 * 1024, AvailableMemory.OnLinux(_root.Path));
    }

    [Fact]
    public void Bytes_InARealGroup_IsWhatItLeaves()
    {
        const string Memory = "/sys/fs/cgroup/memory";
        var group = $"{Memory}/mlnetbert-test-{Environment.ProcessId}";
        Assert.SkipUnless(File.Exists(Memory + "/memory.limit_in_bytes") && TryMake(group), "Only the administrator of a system with memory groups of version 1 can make one.");
        try
        {
            File.WriteAllText(group + "/memory.limit_in_bytes", "400000000");
            var child = ChildProcess.Run(Ask, group);
            Assert.True(child.ExitCode == 0, child.Error);
            Assert.InRange(long.Parse(child.Result!, System.Globalization.CultureInfo.InvariantCulture), 1, 400_000_000);
        }
        finally
        {
            Directory.Delete(group);
        }
    }

    public void Dispose() => _root.Dispose();

    private static bool TryMake(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The child: goes into the group and asks.</summary>
    private static string Ask(string group)
    {
        File.WriteAllText(group + "/cgroup.procs", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return AvailableMemory.Bytes()!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private void First(string group, string limit, string used, string statistics)
    {
        var place = $"sys/fs/cgroup/memory/{group}/";
        Write(place + "memory.limit_in_bytes", limit);
        Write(place + "memory.usage_in_bytes", used);
        Write(place + "memory.stat", statistics);
    }

    private void Second(string group, string limit, string used, string statistics)
    {
        var place = $"sys/fs/cgroup/{group}/";
        Write(place + "memory.max", limit);
        Write(place + "memory.current", used);
        Write(place + "memory.stat", statistics);
    }

    private void Write(string path, string text)
    {
        var full = _root.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
