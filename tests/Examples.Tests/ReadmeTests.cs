using System.Text.RegularExpressions;

namespace Examples.Tests;

/// <summary>Every C# block of the README stands word for word in ReadmeSnippets.cs, which this project compiles.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void CodeBlocks_OfTheReadme_AreTheCompiledSnippets()
    {
        var readme = Blocks(Repository.Read("README.md"), ReadmeBlock());
        var compiled = Blocks(Repository.Read("tests", "Examples.Tests", "ReadmeSnippets.cs"), Snippet());

        Assert.NotEmpty(readme);
        Assert.Equal(readme, compiled);
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
    private static partial Regex ReadmeBlock();

    [GeneratedRegex(@"^ *// README\n(?<code>.*?)^ *// end$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"--project (?<path>[\w./]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Project();
}
