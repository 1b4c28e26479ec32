using System.Text.Json;

namespace MlNetBert.Text.Tests.Tokenizers.Models.Training;

/// <summary>The corpora of ../shared/golden/vocabulary-trainers.json, read as its figures were made: stripped lines.</summary>
internal static class ReferenceCorpora
{
    public const string WikiText = "wikitext-2-test -> wikitext-2-valid";
    public const string Documentation = "dotnet-docs, lines whose index is no multiple of ten -> the others";

    public static (string[] Training, string[] Evaluation) Read(string name)
    {
        if (name == WikiText)
            return (Lines("data/wikitext-2-test.txt"), Lines("data/wikitext-2-valid.txt"));
        string[] lines = [.. Lines("data/dotnet-docs.txt").Where(line => line.Length > 0)];
        return ([.. lines.Where((_, i) => i % 10 != 0)], [.. lines.Where((_, i) => i % 10 == 0)]);
    }

    /// <summary>The least tokens a word of the trainers of a kind.</summary>
    public static double BestOf(string name, string kind)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Path("golden/vocabulary-trainers.json")));
        return json.RootElement.GetProperty("corpora").GetProperty(name).GetProperty("trainers").EnumerateObject()
            .Where(trainer => trainer.Name.Contains(kind, StringComparison.Ordinal))
            .Min(trainer => trainer.Value.GetProperty("tokens_per_word").GetDouble());
    }

    private static string[] Lines(string file) => [.. File.ReadLines(SharedFiles.Path(file)).Select(line => line.Trim())];
}
