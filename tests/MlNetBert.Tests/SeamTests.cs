using System.Text.RegularExpressions;
using MlNetBert.FineTuning;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Tests;

/// <summary>
/// Holds what makes a further architecture, objective or tokenizer an addition and no edit (docs/ARCHITECTURE.md): their folders know nothing of each
/// other, what is built on them knows none of them by name, and one registry lists them.
/// </summary>
public partial class SeamTests
{
    private const string Models = "MlNetBert.Models";
    private const string Text = "MlNetBert.Text";

    private static readonly string[] Projects = ["MlNetBert.HuggingFace", Text, Models, "MlNetBert.Training", "MlNetBert", "MlNetBert.Plotting", "MlNetBert.Cli"];

    // What the tasks of fine-tuning, and the objectives of pretraining, have in common.
    private static readonly string[] SharedFolders = ["FineTuning"];

    /// <summary>Each architecture is a folder of its project.</summary>
    public static TheoryData<string> Architectures => [.. FoldersWith("Architecture", Models)];

    /// <summary>Each objective is a folder of Training's Objectives, of Pretraining, or of fine-tuning tasks, by the same name in each.</summary>
    public static TheoryData<string> Objectives => [.. ObjectiveFiles.Keys];

    /// <summary>Those of pretraining; what of them stands at a project's root begins with their name, but for the extension method.</summary>
    public static TheoryData<string> PretrainingObjectives => [.. FoldersWith("Task", "MlNetBert", "Pretraining")];

    /// <summary>Each kind of tokenizer model, with its trainer, is a folder.</summary>
    public static TheoryData<string> TokenizerModels => [.. FoldersWith("Model", Text, "Tokenizers", "Models")];

    /// <summary>What is extended, and the only file that lists what there is.</summary>
    public static TheoryData<Type, string> Registries => new()
    {
        { typeof(ModelArchitecture), "ModelArchitecture.cs" },
        { typeof(PretrainingTask), "PretrainingTask.cs" },
    };

    private static IReadOnlyDictionary<string, string[]> ObjectiveFiles { get; } =
        FoldersWith("Objective", "MlNetBert.Training", "Objectives").Select(folder => (folder, SourceFiles.In("MlNetBert.Training", "Objectives", folder)))
            .Concat(FoldersWith("Task", "MlNetBert", "Pretraining").Select(folder => (folder, SourceFiles.In("MlNetBert", "Pretraining", folder))))
            .Concat(FoldersWith("Task", "MlNetBert").Except(["Pretraining"], StringComparer.Ordinal).Select(folder => (folder, SourceFiles.In("MlNetBert", folder))))
            .Where(found => !SharedFolders.Contains(found.folder, StringComparer.Ordinal))
            .GroupBy(found => found.folder, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.SelectMany(found => found.Item2).ToArray(), StringComparer.Ordinal);

    private static List<string> FilesOfArchitectures => [.. Architectures.SelectMany(folder => SourceFiles.In(Models, folder.Data))];

    [Fact]
    public void Folders_ThatTheRulesAreAbout_AreFound()
    {
        Assert.Superset(
            new HashSet<string> { "Bert", "ModernBert", "MPNet", "DebertaV2" }, Architectures.Select(row => row.Data).ToHashSet());
        Assert.Superset(new HashSet<string> { "Mlm", "Classification", "NamedEntities", "QuestionAnswering", "Similarity" }, ObjectiveFiles.Keys.ToHashSet());
        Assert.Contains("BertConfig", SourceFiles.TypesOf(FilesOfArchitectures));
        Assert.Contains("WordPiece", TokenizerModels.Select(row => row.Data));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void FilesOfAnArchitecture_NameNoTypeOfAnother(string folder) =>
        SourceFiles.AssertNameNone(
            SourceFiles.In(Models, folder),
            [.. SourceFiles.TypesOf(FilesOfArchitectures).Except(SourceFiles.TypesOf(SourceFiles.In(Models, folder)), StringComparer.Ordinal)],
            "what architectures share stands in Layers, Heads, Configuration or Checkpoints.");

    [Fact]
    public void FilesOutsideTheArchitectures_NameNoTypeOfOne() =>
        SourceFiles.AssertNameNone(
            Projects.SelectMany(project => SourceFiles.In(project)).Except(FilesOfArchitectures, StringComparer.Ordinal).Where(file => !IsRegistry(file, typeof(ModelArchitecture))),
            [.. SourceFiles.TypesOf(FilesOfArchitectures)],
            "ask the configuration or the architecture, or move it to the architecture's folder.");

    [Fact]
    public void FilesOutsideTheArchitectures_NeverBranchOnOne()
    {
        var folders = string.Join('|', Architectures.Select(row => row.Data));
        // Its object, a text with its name or the name of one of its classes, a comparison of the name that a configuration or a tokenizer has.
        var branch = new Regex(
            $"""
            \bModelArchitecture\.({folders})\b|"(?i:{folders})(For\w+|Model)?"|\b(ModelType|ClassName)\b\s*(==|!=|is (not )?"|switch\b|\.(Equals|StartsWith|EndsWith|Contains)\b)|\bEquals\([^;)]*\bModelType\b
            """,
            RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);
        var faults =
            from file in Projects.SelectMany(project => SourceFiles.In(project)).Except(FilesOfArchitectures, StringComparer.Ordinal)
            where !IsRegistry(file, typeof(ModelArchitecture))
            from line in SourceFiles.CodeOf(file).Split('\n')
            where branch.IsMatch(line) && !line.Contains("ModelArchitecture.All.Any", StringComparison.Ordinal) // whether there is one of a name
            select $"{Path.GetRelativePath(SourceFiles.Root, file)}: {line.Trim()}";
        SourceFiles.AssertNone(faults);
    }

    /// <summary>Whoever needs a head requires it of the model; what else depends on the kind of a model is to be told by what it is made of.</summary>
    [Fact]
    public void FilesAboveModels_BranchOnAHeadInThreePlacesAtMost()
    {
        var kinds = string.Join('|', typeof(LanguageModelModule).Assembly.GetTypes().Where(typeof(LanguageModelModule).IsAssignableFrom).Select(type => type.Name));
        var branch = new Regex($@"\b(is|case) (not )?({kinds})\b|Find<({kinds})>\(\) is\b|[=!]= ModelHead\.|\bis (not )?ModelHead\.|\bModelHead\.\w+(\s*=>|\s+or\b)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);
        List<string> found =
        [
            .. from project in Projects.Except([Models], StringComparer.Ordinal)
               from file in SourceFiles.In(project)
               from line in SourceFiles.CodeOf(file).Split('\n')
               where branch.IsMatch(line)
               select $"{Path.GetRelativePath(SourceFiles.Root, file)}: {line.Trim()}",
        ];
        Assert.True(found.Count <= 3, string.Join('\n', found));
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void FilesOfAnObjective_NameNoTypeOfAnother(string folder) =>
        SourceFiles.AssertNameNone(
            ObjectiveFiles[folder],
            [.. SourceFiles.TypesOf(ObjectiveFiles.Where(other => !string.Equals(other.Key, folder, StringComparison.Ordinal)).SelectMany(other => other.Value))],
            "what objectives share stands beside their folders.");

    [Fact]
    public void FilesOfObjectives_NameNoOtherObjectiveThanTheirBase()
    {
        foreach (var objective in ConcreteTypes(typeof(Objective)))
        {
            var others = ConcreteTypes(typeof(Objective)).Where(other => !other.IsAssignableFrom(objective));
            SourceFiles.AssertNameNone([FileOf(objective)], [.. others.Select(NameOf)], "an objective knows no other.");
        }
    }

    [Fact]
    public void FilesOfTraining_OutsideTheObjectives_NameNoObjective() =>
        SourceFiles.AssertNameNone(
            SourceFiles.In("MlNetBert.Training").Except(SourceFiles.In("MlNetBert.Training", "Objectives"), StringComparer.Ordinal),
            [.. ConcreteTypes(typeof(Objective)).Select(NameOf)],
            "loop, evaluation and checkpoints know Objective alone.");

    [Theory]
    [MemberData(nameof(Registries))]
    public void WhatCanBeExtended_IsListedByItsRegistryOnly(Type extended, string registry)
    {
        Assert.True(ConcreteTypes(extended).Any(), $"there is no {extended.Name}");
        foreach (var type in ConcreteTypes(extended))
        {
            var folder = Path.GetDirectoryName(FileOf(type))!;
            var naming = Projects.SelectMany(project => SourceFiles.In(project))
                .Where(file => !file.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) && SourceFiles.NamedIn(file, [NameOf(type)]) is not null);
            Assert.Equal([registry], naming.Select(Path.GetFileName));
        }
    }

    [Theory]
    [MemberData(nameof(PretrainingObjectives))]
    public void FilesOutsideAnObjectiveOfPretraining_NameNoTypeOfIt(string folder)
    {
        string[] files = [.. Projects.SelectMany(project => SourceFiles.In(project))];
        string[] own = [.. ObjectiveFiles[folder], .. files.Where(file => Path.GetFileName(file).StartsWith(folder, StringComparison.Ordinal))];
        SourceFiles.AssertNameNone(
            files.Except(own, StringComparer.Ordinal).Where(file => !IsRegistry(file, typeof(PretrainingTask)) && Path.GetFileName(file) != $"LanguageModelTextCatalog.{folder}.cs"),
            [.. SourceFiles.TypesOf(own)],
            "ask its PretrainingTask.");
    }

    [Theory]
    [MemberData(nameof(TokenizerModels))]
    public void FilesOfATokenizerModel_NameNoTypeOfAnother(string folder)
    {
        string[] own = [.. SourceFiles.In(Text, "Tokenizers", "Models", folder)];
        var others = TokenizerModels.SelectMany(row => SourceFiles.In(Text, "Tokenizers", "Models", row.Data)).Except(own, StringComparer.Ordinal);
        SourceFiles.AssertNameNone(own, [.. SourceFiles.TypesOf(others)], "what models share stands beside their folders.");
    }

    [Fact]
    public void FilesAboveText_NameNoKindOfTokenizerAndNoPieceOfOne()
    {
        string[] types =
        [
            nameof(TokenizerPipeline),
            .. ConcreteTypes(typeof(SubwordTokenizer)).Concat(ConcreteTypes(typeof(SubwordModel))).Select(NameOf),
            .. new[] { "Normalizers", "PreTokenizers", "PostProcessors", "Decoders" }.SelectMany(folder => SourceFiles.TypesOf(SourceFiles.In(Text, "Tokenizers", folder))),
        ];
        Assert.Superset(new HashSet<string> { "WordPieceModel", "BertNormalizer", "WordPieceDecoder" }, types.ToHashSet());
        SourceFiles.AssertNameNone(Projects.Except([Text], StringComparer.Ordinal).SelectMany(project => SourceFiles.In(project)), types, "ask the SubwordTokenizer.");
    }

    private static IEnumerable<string> FoldersWith(string ending, params string[] parts) =>
        SourceFiles.FoldersOf(parts).Where(folder => Directory.EnumerateFiles(SourceFiles.At([.. parts, folder]), $"*{ending}.cs").Any());

    private static bool IsRegistry(string file, Type extended) =>
        Registries.Any(row => row.Data.Item1 == extended && string.Equals(Path.GetFileName(file), row.Data.Item2, StringComparison.Ordinal));

    /// <summary>The types of the libraries that derive from another and can be made.</summary>
    private static IEnumerable<Type> ConcreteTypes(Type extended) =>
        new[] { typeof(SubwordTokenizer), typeof(ModelArchitecture), typeof(Objective), typeof(FineTuner) }.SelectMany(type => type.Assembly.GetTypes())
            .Where(type => !type.IsAbstract && IsA(type, extended));

    private static bool IsA(Type type, Type extended) => type.BaseType is { } parent && (parent == extended || IsA(parent, extended));

    private static string NameOf(Type type) => type.Name.Split('`')[0];

    private static string FileOf(Type type) =>
        Assert.Single(Projects.SelectMany(project => SourceFiles.In(project)), file => string.Equals(Path.GetFileName(file), NameOf(type) + ".cs", StringComparison.Ordinal));
}
