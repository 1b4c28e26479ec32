using System.Globalization;
using MlNetBert.HuggingFace;

namespace MlNetBert.Training.Loop;

/// <summary>
/// The memory groups (cgroups) that a Linux process is in, of both versions: containers, services and batch systems limit memory by them,
/// at any level above the process. A process is killed by the first limit that is reached.
/// </summary>
/// <param name="root">Where <c>proc</c> and the groups' file systems are found: <c>/</c>.</param>
internal sealed class MemoryGroups(string root)
{
    /// <summary>The files of a version: limits, what is used, and what of that the kernel can drop.</summary>
    private static readonly Version First =
        new(["memory.limit_in_bytes"], "memory.usage_in_bytes", "total_inactive_file ", "hierarchical_memory_limit ");
    private static readonly Version Second = new(["memory.max", "memory.high"], "memory.current", "inactive_file ", null);

    /// <summary>What the limits leave.</summary>
    /// <returns>Bytes; null where nothing limits.</returns>
    public long? Available()
    {
        long? least = null;
        foreach (var (version, directory, top) in Groups())
        {
            for (var level = directory; level is not null; level = level == top ? null : Path.GetDirectoryName(level))
            {
                if (Left(version, level) is { } left && !(left >= least))
                    least = left;
            }
        }

        return least;
    }

    /// <summary>The groups of this process: their version, their directory, and that of the highest group that is seen from here.</summary>
    private IEnumerable<(Version Version, string Directory, string Top)> Groups()
    {
        var mounts = Lines("proc/self/mountinfo").Select(Mount).OfType<(bool IsFirst, string Root, string Place)>().ToList();
        foreach (var line in Lines("proc/self/cgroup"))
        {
            // 4:memory:/group of version 1, 0::/group of version 2
            if (line.Split(':', 3) is not [var number, var controllers, var group])
                continue;
            var isFirst = controllers.Split(',').Contains("memory");
            if (!isFirst && !(number == "0" && controllers.Length == 0))
                continue;
            foreach (var mount in mounts.Where(m => m.IsFirst == isFirst))
            {
                var top = Under(mount.Place);
                var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Join(top, Below(mount.Root, group))));
                yield return (isFirst ? First : Second, place == top || RelativePath.IsBelow(place, top) ? place : top, top);
            }
        }
    }

    /// <summary>
    /// The part of a group's path below what is mounted. In a container the path may be the host's, of which the mount shows the end only.
    /// </summary>
    private static string Below(string mounted, string group) =>
        mounted == "/" ? group : group == mounted
            || group.StartsWith(mounted + "/", StringComparison.Ordinal) ? group[mounted.Length..] : "/";

    /// <summary>A line of mountinfo where it is a memory group's: «36 25 0:31 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw».</summary>
    private static (bool IsFirst, string Root, string Place)? Mount(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-");
        if (dash < 6 || fields.Length < dash + 4)
            return null;
        var isFirst = fields[dash + 1] == "cgroup" && fields[dash + 3].Split(',').Contains("memory");
        return isFirst || fields[dash + 1] == "cgroup2" ? (isFirst, Unescape(fields[3]), Unescape(fields[4])) : null;
    }

    private static string Unescape(string path) =>
        path.Replace(@"\040", " ", StringComparison.Ordinal).Replace(@"\134", @"\", StringComparison.Ordinal);

    private static long? Left(Version version, string group)
    {
        var statistics = Read(Path.Join(group, "memory.stat"));
        var limits = version.Limits.Select(name => Value(Read(Path.Join(group, name)))).Append(
            version.AllLimits is { } all ? Statistic(statistics, all) : null);
        if (limits.Min() is not { } limit || Value(Read(Path.Join(group, version.Used))) is not { } used)
            return null;
        return Math.Max(0, limit - used + (Statistic(statistics, version.Droppable) ?? 0));
    }

    private static long? Statistic(string? statistics, string name) =>
        Value(statistics?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..]);

    /// <summary>A number of bytes; null for «max», and for the number beyond all memory that version 1 has for it.</summary>
    private static long? Value(string? text) =>
        long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value < long.MaxValue / 2 ? value : null;

    private IEnumerable<string> Lines(string path) => Read(Under(path))?.Split('\n') ?? [];

    private string Under(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Join(root, path)));

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Version(string[] Limits, string Used, string Droppable, string? AllLimits);
}
