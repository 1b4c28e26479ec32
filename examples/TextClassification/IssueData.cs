using Examples.Common;

namespace TextClassification;

/// <summary>Issues to learn from and issues held out.</summary>
/// <param name="Name">Where they are from.</param>
/// <param name="Training">To learn from.</param>
/// <param name="Test">Held out: nothing learns from them.</param>
public sealed record IssueData(string Name, IReadOnlyList<Issue> Training, IReadOnlyList<Issue> Test)
{
    private const string RealFile = "corefx-issues.tsv";

    private static readonly (string Area, string[] Things, string[] Faults)[] Generated =
    [
        ("area-Net", ["HttpClient", "Socket", "WebSocket", "SslStream", "Uri"], ["hangs when the server closes the connection", "ignores the proxy", "loses a header after a redirect", "times out over IPv6"]),
        ("area-IO", ["FileStream", "Directory", "Path", "ZipArchive", "FileSystemWatcher"], ["throws on long paths", "keeps the file locked", "reports the wrong size", "is slow on network drives"]),
        ("area-Threading", ["Timer", "SemaphoreSlim", "Task", "Thread", "Barrier"], ["deadlocks when cancelled twice", "wakes two waiters", "starves under load", "leaks a handle when disposed"]),
        ("area-Text", ["Regex", "Encoding", "StringBuilder", "Utf8Parser", "CompareInfo"], ["accepts an invalid surrogate", "backtracks without end", "rounds the number wrongly", "differs between cultures"]),
    ];

    /// <summary>The issues of .NET with the rows of held-out-rows.txt held out; of another file, or generated ones, every fifth.</summary>
    /// <param name="file">A file; null for the real issues where they are at hand, else generated ones.</param>
    /// <param name="rows">The most issues that are taken; null for all.</param>
    public static IssueData Load(string? file, int? rows)
    {
        var real = file is null ? Shared("data", RealFile) : null;
        if (file is null && real is null)
            return Split($"generated issues ({RealFile} is not in ../shared/data)", [.. Generate().Take(rows ?? int.MaxValue)], i => i % 5 == 4);
        var all = Read(file ?? real!).Take(rows ?? int.MaxValue).ToList();
        var heldOut = HeldOutRows();
        return real is not null ? Split("issues of .NET", all, heldOut.Contains) : Split(Path.GetFileName(file)!, all, i => i % 5 == 4);
    }

    /// <summary>A file or directory of ../shared, beside the repository; null where it is not there.</summary>
    /// <param name="path">Its path below.</param>
    public static string? Shared(params string[] path) => SharedFolder.Find(path);

    private static IssueData Split(string name, List<Issue> all, Predicate<int> isHeldOut) =>
        new(name, [.. all.Where((_, i) => !isHeldOut(i))], [.. all.Where((_, i) => isHeldOut(i))]);

    private static IEnumerable<Issue> Read(string file)
    {
        foreach (var line in File.ReadLines(file).Skip(1).Where(line => line.Length > 0))
        {
            if (line.Split('\t') is not [_, var area, var title, var description])
                throw new InvalidDataException($"{file}: expected ID, Area, Title and Description in each line, found '{line[..Math.Min(80, line.Length)]}'.");
            yield return new Issue(area, title + " " + description);
        }
    }

    private static IEnumerable<Issue> Generate() =>
        from fault in Enumerable.Range(0, 4)
        from thing in Enumerable.Range(0, 5)
        from end in new[] { "on Linux", "since the update", "in Release", "now and then" }
        from area in Generated
        select new Issue(area.Area, $"{area.Things[thing]} {area.Faults[fault]} {end}.");

    private static HashSet<int> HeldOutRows()
    {
        using var reader = new StreamReader(typeof(IssueData).Assembly.GetManifestResourceStream("held-out-rows.txt")!);
        return [.. reader.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];
    }
}
