using System.Text.RegularExpressions;
using MlNetBert;
using MlNetBert.Models;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Training.Objectives;

namespace Examples.Tests;

/// <summary>Every C# block of the documentation stands word for word in DocumentationSnippets.cs, which this project compiles; its directives for namespaces stand at the top there.</summary>
public sealed partial class DocumentationTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/hugging-face.md")]
    [InlineData("docs/migrating.md")]
    [InlineData("docs/training.md")]
    [InlineData("docs/serving.md")]
    [InlineData("docs/adding-an-objective.md")]
    [InlineData("docs/adding-a-tokenizer.md")]
    public void CodeBlocks_OfADocument_AreTheCompiledSnippets(string document)
    {
        var written = Blocks(Repository.Read(document.Split('/')), CodeBlock()).ConvertAll(code => NamespaceDirective().Replace(code, "").TrimStart('\n'));
        var snippet = new Regex($@"^ *// {Regex.Escape(document)}\n(?<code>.*?)^ *// end$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        var compiled = Blocks(Repository.Read("tests", "Examples.Tests", "DocumentationSnippets.cs"), snippet);

        Assert.NotEmpty(written);
        Assert.Equal(written, compiled);
    }

    [Fact]
    public void MultiLabelObjective_OfTheGuide_LearnsTwoLabelsThatAreThereTogetherAndAlone()
    {
        var config = ModelArchitecture.ModernBert.CreateConfig(ModelSize.Parse("tiny"), vocabularySize: 20, maxPositions: 8, new ModelTokenIds(0, 1, 2)) with { Labels = ["odd", "large"] };
        var examples = new SequenceExamples<float[]>(paddingId: 0);
        for (var word = 5; word < 20; word++)
            examples.Add(new EncodedText([1, word, 2]), [word % 2, word >= 12 ? 1 : 0]);

        var result = DocumentationSnippets.Train(config, examples, new TextClassificationOptions { Epochs = 60, LogEveryNSteps = 60 });

        var losses = result.History.Where(row => row.TrainingLoss is not null).Select(row => row.TrainingLoss!.Value).ToList();
        Assert.InRange(losses[0], 0.5, 0.9); // ln 2, the loss of a label that nothing is known of
        Assert.InRange(losses[^1], 0, 0.1);
    }

    [Fact]
    public void CharacterTokenizer_OfTheGuide_SpellsAndIsReadAgain()
    {
        var tokenizer = new DocumentationSnippets.CharacterTrainer(maxLength: 16).Train(["a cat", "a tea"]);
        Assert.Equal(["[CLS]", "t", "##e", "##a", "[UNK]", "##a", "[SEP]"], tokenizer.Encode("Tea xa").Tokens);
        SubwordModel.Register("Character", DocumentationSnippets.CharacterModel.Read);
        var files = tokenizer.ToFiles();
        var again = SubwordTokenizer.FromFiles(name => files.TryGetValue(name, out var bytes) ? new MemoryStream(bytes) : null, "files");
        Assert.Equal(tokenizer.Fingerprint, again.Fingerprint);
        Assert.Equal(tokenizer.MaxLength, again.MaxLength);
        Assert.Equal("tea cat", again.Decode(again.Encode("Tea cat").Ids));
    }

    [Fact]
    public void Tests_ThatTheMigrationGuideNames_AreThere()
    {
        var guide = Repository.Read("docs", "migrating.md");
        var named = TestName().Matches(guide[guide.IndexOf("## Known faults", StringComparison.Ordinal)..]);
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();

        Assert.True(named.Count > 5, $"{named.Count}");
        foreach (Match test in named)
        {
            Assert.Contains(sources, source =>
                source.Contains($"class {test.Groups["class"].Value}", StringComparison.Ordinal) && source.Contains($" {test.Groups["method"].Value}(", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Commands_OfTheReadme_NameProjectsThatExist()
    {
        foreach (Match project in Project().Matches(Repository.Read("README.md")))
            Assert.True(Directory.Exists(Path.Combine(Repository.Root, project.Groups["path"].Value)), project.Value);
    }

    private static List<string> Blocks(string text, Regex pattern) =>
        [.. pattern.Matches(text).Select(m => Dedent(m.Groups["code"].Value))];

    private static string Dedent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(l => l.Trim().Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select(l => l.Length > indent ? l[indent..].TrimEnd() : ""));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline, 1000)]
    private static partial Regex NamespaceDirective();

    [GeneratedRegex(@"`(?<class>\w+Tests)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TestName();

    [GeneratedRegex(@"--project (?<path>[\w./]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Project();
}
