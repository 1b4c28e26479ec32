using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests;

/// <summary>Holds the import rule of docs/ARCHITECTURE.md: imports run downward only, and each dependency begins where a project begins.</summary>
public partial class ArchitectureTests
{
    // What a project may reference, directly or not: the projects below it.
    private static readonly Dictionary<string, string[]> Below = new(StringComparer.Ordinal)
    {
        ["MlNetBert.HuggingFace"] = [],
        ["MlNetBert.Text"] = ["MlNetBert.HuggingFace"],
        ["MlNetBert.Models"] = ["MlNetBert.HuggingFace"],
        ["MlNetBert.Training"] = ["MlNetBert.Models", "MlNetBert.Text", "MlNetBert.HuggingFace"],
        ["MlNetBert"] = ["MlNetBert.Training", "MlNetBert.Models", "MlNetBert.Text", "MlNetBert.HuggingFace"],
        ["MlNetBert.Plotting"] = ["MlNetBert.Training", "MlNetBert.Models", "MlNetBert.Text", "MlNetBert.HuggingFace"],
        ["MlNetBert.Cli"] = ["MlNetBert", "MlNetBert.Plotting", "MlNetBert.Training", "MlNetBert.Models", "MlNetBert.Text", "MlNetBert.HuggingFace"],
    };

    // Libraries that only some projects may know; whatever is named by no rule is free.
    private static readonly (string Library, Func<string, bool> Matches, string[] Projects)[] Libraries =
    [
        ("ML.NET", IsMlNet, ["MlNetBert", "MlNetBert.Cli"]),
        ("Microsoft.ML.Tokenizers", IsTokenizers, ["MlNetBert.Text", "MlNetBert.Training", "MlNetBert", "MlNetBert.Cli"]),
        ("ScottPlot", name => name.StartsWith("ScottPlot", StringComparison.Ordinal), ["MlNetBert.Plotting", "MlNetBert.Cli"]),
        ("TorchSharp", name => name.StartsWith("TorchSharp", StringComparison.Ordinal), ["MlNetBert.Models", "MlNetBert.Training", "MlNetBert", "MlNetBert.Cli"]),
    ];

    public static TheoryData<string> Projects => [.. Below.Keys];

    // The tool and what only it uses are not below this test project, so that they are not in its output.
    public static TheoryData<string> BuiltProjects => [.. Below.Keys.Where(p => p is not ("MlNetBert.Cli" or "MlNetBert.Plotting"))];

    [Fact]
    public void Rules_ForTheProjectsOfSrc_AreComplete()
    {
        var projects = Directory.EnumerateDirectories(SourceFiles.At()).Where(d => Directory.EnumerateFiles(d, "*.csproj").Any()).Select(d => Path.GetFileName(d)!);
        Assert.Equal(Below.Keys.Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_OfAProject_RunDownward(string project)
    {
        foreach (var reference in Items(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension))
            Assert.True(Below[project].Contains(reference, StringComparer.Ordinal), $"{project} references {reference}, which does not stand below it.");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void PackageReferences_OfAProject_AreOnesItMayKnow(string project)
    {
        var packages = Items(project, "PackageReference").ToList();
        AssertMayKnow(project, packages);
        if (string.Equals(project, "MlNetBert.HuggingFace", StringComparison.Ordinal))
            Assert.Empty(packages);
    }

    [Theory]
    [MemberData(nameof(BuiltProjects))]
    public void AssemblyReferences_OfABuiltProject_AreOnesItMayKnow(string project)
    {
        var file = Path.Combine(AppContext.BaseDirectory, project + ".dll");
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        var references = metadata.AssemblyReferences.Select(h => metadata.GetString(metadata.GetAssemblyReference(h).Name)).ToList();

        AssertMayKnow(project, references);
        foreach (var reference in references.Where(Below.ContainsKey))
            Assert.True(Below[project].Contains(reference, StringComparer.Ordinal), $"{project}.dll references {reference}, which does not stand below it.");
        if (string.Equals(project, "MlNetBert.HuggingFace", StringComparison.Ordinal))
            Assert.All(references, r => Assert.True(r.StartsWith("System.", StringComparison.Ordinal) || r.StartsWith("Microsoft.Win32.", StringComparison.Ordinal), r));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Namespaces_OfAProject_EqualItsFoldersOrAreThatOfWhatIsPromised(string project)
    {
        foreach (var file in SourceFiles.In(project))
        {
            var folder = Path.GetRelativePath(SourceFiles.At(project), Path.GetDirectoryName(file)!);
            // What is promised is in one namespace.
            var promised = project is not "MlNetBert.Plotting" && PublicApiTests.StableTypes.Contains(Path.GetFileName(file).Split('.')[0]);
            var expected = promised ? "MlNetBert" : folder.Length == 0 || string.Equals(folder, ".", StringComparison.Ordinal) ? project : $"{project}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";
            var declared = NamespaceDeclaration().Match(File.ReadAllText(file));
            Assert.True(
                !declared.Success || string.Equals(declared.Groups["name"].Value, expected, StringComparison.Ordinal),
                $"{Path.GetRelativePath(SourceFiles.Root, file)}: expected namespace {expected}, found {declared.Groups["name"].Value}.");
        }
    }

    private static void AssertMayKnow(string project, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            foreach (var (library, matches, projects) in Libraries)
                Assert.True(!matches(name) || projects.Contains(project, StringComparer.Ordinal), $"{project} references {name}, but only {string.Join(", ", projects)} may know {library}.");
        }
    }

    private static IEnumerable<string> Items(string project, string type) =>
        XDocument.Load(SourceFiles.At(project, project + ".csproj")).Descendants(type).Select(e => e.Attribute("Include")!.Value.Replace('\\', '/'));

    private static bool IsTokenizers(string name) => name.StartsWith("Microsoft.ML.Tokenizers", StringComparison.Ordinal);

    private static bool IsMlNet(string name) =>
        (string.Equals(name, "Microsoft.ML", StringComparison.Ordinal) || name.StartsWith("Microsoft.ML.", StringComparison.Ordinal)) && !IsTokenizers(name);

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NamespaceDeclaration();
}
