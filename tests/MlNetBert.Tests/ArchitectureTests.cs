using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MlNetBert.Benchmarking;
using MlNetBert.Conversion;
using MlNetBert.Embeddings;
using MlNetBert.Evaluation;
using MlNetBert.FillMask;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Inspection;
using MlNetBert.Models.Verification;
using MlNetBert.Pretraining;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Corpora;
using MlNetBert.Text.WordPiece;

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

    internal static readonly string Root = FindRoot();

    public static TheoryData<string> Projects => [.. Below.Keys];

    // The tool and what only it uses are not below this test project, so that they are not in its output.
    public static TheoryData<string> BuiltProjects => [.. Below.Keys.Where(p => p is not ("MlNetBert.Cli" or "MlNetBert.Plotting"))];

    [Fact]
    public void Rules_ForTheProjectsOfSrc_AreComplete()
    {
        var projects = Directory.EnumerateDirectories(Path.Combine(Root, "src")).Where(d => Directory.EnumerateFiles(d, "*.csproj").Any()).Select(d => Path.GetFileName(d)!);
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
    public void Namespaces_OfAProject_EqualItsFolders(string project)
    {
        var directory = Path.Combine(Root, "src", project);
        foreach (var file in Sources(directory))
        {
            var folder = Path.GetRelativePath(directory, Path.GetDirectoryName(file)!);
            var expected = folder.Length == 0 || string.Equals(folder, ".", StringComparison.Ordinal) ? project : $"{project}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";
            var declared = NamespaceDeclaration().Match(File.ReadAllText(file));
            Assert.True(
                !declared.Success || string.Equals(declared.Groups["name"].Value, expected, StringComparison.Ordinal),
                $"{Path.GetRelativePath(Root, file)}: expected namespace {expected}, found {declared.Groups["name"].Value}.");
        }
    }

    [Fact]
    public void Sources_AboveText_NameNoConcreteTokenizer()
    {
        string[] tokenizers =
        [
            .. Sources(Path.Combine(Root, "src", "MlNetBert.Text"))
                .SelectMany(file => ConcreteTokenizer().Matches(File.ReadAllText(file)))
                .Select(match => match.Groups["name"].Value),
        ];
        Assert.NotEmpty(tokenizers);
        foreach (var file in Below.Keys.Where(p => p is not "MlNetBert.Text").SelectMany(p => Sources(Path.Combine(Root, "src", p))))
        {
            var text = File.ReadAllText(file);
            foreach (var tokenizer in tokenizers)
                Assert.False(Regex.IsMatch(text, $@"\b{tokenizer}\b", RegexOptions.None, TimeSpan.FromSeconds(10)), $"{Path.GetRelativePath(Root, file)} names {tokenizer}: take SubwordTokenizer.");
        }
    }

    /// <summary>What may take longer than a second: each public overload can be canceled.</summary>
    [Theory]
    [InlineData(typeof(PretrainedModel), nameof(PretrainedModel.FromDirectory), nameof(PretrainedModel.FromHub), nameof(PretrainedModel.FromHubAsync))]
    [InlineData(typeof(ModelSource), nameof(ModelSource.Open), nameof(ModelSource.OpenTokenizer), nameof(ModelSource.GetDirectory))]
    [InlineData(typeof(HubClient), nameof(HubClient.GetFile), nameof(HubClient.GetFileAsync), nameof(HubClient.GetSnapshot), nameof(HubClient.GetSnapshotAsync))]
    [InlineData(typeof(EmbeddingIndex), nameof(EmbeddingIndex.Build))]
    [InlineData(typeof(TextEmbedder), nameof(TextEmbedder.Embed))]
    [InlineData(typeof(TokenEmbedder), nameof(TokenEmbedder.Embed))]
    [InlineData(typeof(MaskFiller), nameof(MaskFiller.Fill))]
    [InlineData(typeof(ModelConversion), nameof(ModelConversion.Convert))]
    [InlineData(typeof(ModelInspection), nameof(ModelInspection.Of))]
    [InlineData(typeof(ReferenceVerifier), nameof(ReferenceVerifier.Verify))]
    [InlineData(typeof(TrainingBenchmark), nameof(TrainingBenchmark.Run))]
    [InlineData(typeof(MlmEvaluator), nameof(MlmEvaluator.Evaluate), nameof(MlmEvaluator.EvaluateMasked))]
    [InlineData(typeof(MlmPretraining), nameof(MlmPretraining.Run), nameof(MlmPretraining.EstimateCost))]
    [InlineData(typeof(MlmPretrainingEstimator), nameof(MlmPretrainingEstimator.EstimateCost))]
    [InlineData(typeof(CorpusPretraining), nameof(CorpusPretraining.Run), nameof(CorpusPretraining.EstimateCost))]
    [InlineData(typeof(Corpus), nameof(Corpus.ReadDocuments))]
    [InlineData(typeof(TokenStoreBuilder), nameof(TokenStoreBuilder.Build), nameof(TokenStoreBuilder.OpenOrBuild))]
    [InlineData(typeof(TokenStore), nameof(TokenStore.Verify))]
    [InlineData(typeof(WordPieceTrainer), nameof(WordPieceTrainer.Train))]
    [InlineData(typeof(VocabularyUse), nameof(VocabularyUse.Measure))]
    public void Members_ThatRunLong_TakeACancellationToken(Type type, params string[] members)
    {
        foreach (var member in members)
        {
            var overloads = type.GetMember(member, MemberTypes.Method, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Cast<MethodInfo>().ToList();
            Assert.NotEmpty(overloads);
            foreach (var overload in overloads)
                Assert.True(overload.GetParameters().Any(parameter => parameter.ParameterType == typeof(CancellationToken)), $"{type.Name}.{overload} takes no CancellationToken.");
        }
    }

    [Fact]
    public void ModelFolders_OfAnArchitecture_NeverImportEachOther()
    {
        foreach (var folder in ModelFolders())
        {
            var others = ModelFolders().Where(other => !string.Equals(other, folder, StringComparison.Ordinal)).ToList();
            foreach (var file in Sources(Path.Combine(Root, "src", "MlNetBert.Models", folder)))
                AssertNamesNone(file, others);
        }
    }

    // Verification lists the references that the library carries, by architecture.
    [Fact]
    public void SharedFoldersOfModels_NeverImportAnArchitecture()
    {
        var models = Path.Combine(Root, "src", "MlNetBert.Models");
        foreach (var folder in Directory.EnumerateDirectories(models).Select(Path.GetFileName).Except(ModelFolders(), StringComparer.Ordinal).Where(f => f is not ("bin" or "obj" or "buildTransitive" or "Verification")))
        {
            foreach (var file in Sources(Path.Combine(models, folder!)))
                AssertNamesNone(file, ModelFolders());
        }
    }

    [Theory]
    [InlineData("MlNetBert.Training")]
    [InlineData("MlNetBert")]
    [InlineData("MlNetBert.Cli")]
    public void ProjectsAboveModels_NameNoArchitecture(string project)
    {
        foreach (var file in Sources(Path.Combine(Root, "src", project)))
            AssertNamesNone(file, ModelFolders());
    }

    private static List<string> ModelFolders() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "src", "MlNetBert.Models"), "*Architecture.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file))!).Where(folder => folder is not "MlNetBert.Models").Order(StringComparer.Ordinal),
    ];

    // A namespace, or the object of an architecture: what a branch on one needs.
    private static void AssertNamesNone(string file, IEnumerable<string> folders)
    {
        var text = File.ReadAllText(file);
        foreach (var folder in folders)
        {
            Assert.False(
                Regex.IsMatch(text, $@"\bMlNetBert\.Models\.{folder}\b|\bModelArchitecture\.{folder}\b|\b{folder}Config\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)
                    || Regex.IsMatch(text, $"\"{folder}\"", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture),
                $"{Path.GetRelativePath(Root, file)} names the architecture {folder}.");
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
        XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj")).Descendants(type).Select(e => e.Attribute("Include")!.Value.Replace('\\', '/'));

    // bin, obj and what ships as build logic are no part of the project's own sources.
    private static IEnumerable<string> Sources(string directory) =>
        Directory.EnumerateFiles(directory, "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(directory, f).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "buildTransitive"));

    private static bool IsTokenizers(string name) => name.StartsWith("Microsoft.ML.Tokenizers", StringComparison.Ordinal);

    private static bool IsMlNet(string name) =>
        (string.Equals(name, "Microsoft.ML", StringComparison.Ordinal) || name.StartsWith("Microsoft.ML.", StringComparison.Ordinal)) && !IsTokenizers(name);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException($"No MlNetBert.sln above {AppContext.BaseDirectory}: run the tests from their output in the repository.");
    }

    [GeneratedRegex(@"class\s+(?<name>\w+)\s*:\s*SubwordTokenizer\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ConcreteTokenizer();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NamespaceDeclaration();
}
