using System.Text.RegularExpressions;

namespace MlNetBert.Tests.Support;

/// <summary>The sources of the repository, as the rules about them read them.</summary>
internal static partial class SourceFiles
{
    private static readonly string[] NoSources = ["bin", "obj", "buildTransitive"];

    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A directory below src.</summary>
    public static string At(params string[] parts) => Path.Combine([Root, "src", .. parts]);

    /// <summary>The files of a directory below src; bin, obj and what ships as build logic are none.</summary>
    public static IEnumerable<string> In(params string[] parts) =>
        Directory.EnumerateFiles(At(parts), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(At(parts), file).Split(Path.DirectorySeparatorChar).Any(part => NoSources.Contains(part, StringComparer.Ordinal)));

    /// <summary>The folders that stand directly in a directory below src.</summary>
    public static IEnumerable<string> FoldersOf(params string[] parts) =>
        Directory.EnumerateDirectories(At(parts)).Select(folder => Path.GetFileName(folder)!).Except(NoSources, StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The types that files declare; a file is called as its type, and a part of one as its type and the part.</summary>
    public static IEnumerable<string> TypesOf(IEnumerable<string> files) =>
        files.Select(file => Path.GetFileName(file).Split('.')[0]).Distinct(StringComparer.Ordinal);

    /// <summary>The code of a file, without comments.</summary>
    public static string CodeOf(string file) => Comment().Replace(File.ReadAllText(file), match => match.Value[0] == '/' ? "" : match.Value);

    /// <summary>The first of the names that the code of a file holds as a word; null for none.</summary>
    public static string? NamedIn(string file, IEnumerable<string> names)
    {
        var words = Word().Matches(CodeOf(file)).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        return names.FirstOrDefault(words.Contains);
    }

    /// <summary>Fails where a file names one of the types.</summary>
    /// <param name="files">The files.</param>
    /// <param name="types">The types.</param>
    /// <param name="remedy">What to do instead.</param>
    public static void AssertNameNone(IEnumerable<string> files, IReadOnlyCollection<string> types, string remedy)
    {
        var faults = files.Select(file => (File: file, Name: NamedIn(file, types))).Where(found => found.Name is not null);
        AssertNone(faults.Select(found => $"{Path.GetRelativePath(Root, found.File)} names {found.Name}: {remedy}"));
    }

    /// <summary>Fails with all faults, a line each.</summary>
    public static void AssertNone(IEnumerable<string> faults)
    {
        var text = string.Join('\n', faults);
        Assert.True(text.Length == 0, text);
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException($"No MlNetBert.sln above {AppContext.BaseDirectory}: run the tests from their output in the repository.");
    }

    // A string is matched as well, so that what looks like a comment in one is left.
    [GeneratedRegex("""
        "(?:[^"\\\n]|\\.)*"|//[^\n]*
        """, RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\w+", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
