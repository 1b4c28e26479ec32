using System.Globalization;
using System.Text;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Models.BytePair;

namespace MlNetBert.Text.Tokenizers.Files.BytePair;

/// <summary>merges.txt: a header, then two pieces a line with a blank between them, the first merge first.</summary>
internal static class MergesFile
{
    private const string Header = "#version";

    /// <summary>Whether a line that is the first is no merge.</summary>
    public static bool IsHeader(string line) => line.StartsWith(Header, StringComparison.Ordinal);

    /// <summary>Reads the merges. Only a first line that begins with "#version" is a header: pieces may begin with "#", too.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">What to call it.</param>
    /// <param name="vocabulary">The pieces with their ids.</param>
    /// <param name="continuingPrefix">What marks a piece that continues a word; null for nothing.</param>
    /// <exception cref="TokenizerFormatException">A line is no merge, or names a piece that the vocabulary lacks.</exception>
    public static MergeTable Read(
        byte[] bytes, string file, IReadOnlyDictionary<string, int> vocabulary, string? continuingPrefix = null)
    {
        var merges = new MergeTable(vocabulary, continuingPrefix);
        foreach ((int line, string left, string right) in LinesOf(bytes, file))
        {
            if (merges.Add(left, right) is { } fault)
                throw Fail(file, line, fault);
        }

        return merges;
    }

    /// <summary>What a file has otherwise than the merges of a model; null where they are the same.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">What to call it.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="TokenizerFormatException">A line is no merge.</exception>
    public static string? FaultOf(byte[] bytes, string file, BytePairModel model)
    {
        var pieces = model.Vocabulary.ToDictionary(StringComparer.Ordinal);
        (string Left, string Right)[] own = [.. model.Merges];
        (string Left, string Right)[] others =
            [.. new BytePairModel(pieces, Read(bytes, file, pieces, model.Settings.ContinuingPrefix), model.Settings).Merges];
        int same = own.Zip(others).TakeWhile(pair => pair.First == pair.Second).Count();
        return same == own.Length && same == others.Length ? null : string.Create(
            CultureInfo.InvariantCulture, $"merge {same + 1} is {Shown(others)}, but {ModelFiles.Tokenizer} has {Shown(own)}");

        string Shown((string Left, string Right)[] merges) =>
            same < merges.Length ? $"'{merges[same].Left} {merges[same].Right}'" : "nothing";
    }

    private static IEnumerable<(int Line, string Left, string Right)> LinesOf(byte[] bytes, string file)
    {
        string[] lines = VocabularyLines.Of(bytes, file, "the merges");
        int end = lines.Length;
        while (end > 0 && lines[end - 1].Length == 0)
            end--;
        for (int i = end > 0 && IsHeader(lines[0]) ? 1 : 0; i < end; i++)
        {
            yield return lines[i].Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]
                ? (i, left, right)
                : throw Fail(file, i, $"must be two pieces with one blank between them, but is '{lines[i]}'");
        }
    }

    private static TokenizerFormatException Fail(string file, int line, string fault) => new(file, string.Create(
        CultureInfo.InvariantCulture, $"line {line + 1} {fault}. Correct the file, or get it anew."));

    /// <summary>Writes merges; null where a piece cannot stand in such a file.</summary>
    public static byte[]? Write(IEnumerable<(string Left, string Right)> merges)
    {
        var text = new StringBuilder(Header).Append(": 0.2\n");
        foreach ((string left, string right) in merges)
        {
            if (left.AsSpan().ContainsAny(" \r\n") || right.AsSpan().ContainsAny(" \r\n"))
                return null;
            text.Append(left).Append(' ').Append(right).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
