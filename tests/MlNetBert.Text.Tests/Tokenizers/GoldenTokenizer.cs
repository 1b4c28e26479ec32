using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Holds a tokenizer to the references of Hugging Face in golden/subwords, text by text.</summary>
internal static class GoldenTokenizer
{
    /// <summary>Opens a directory of the references.</summary>
    public static SubwordTokenizer Open(string name) => SubwordTokenizer.FromDirectory(SharedFiles.Path($"golden/subwords/{name}"));

    /// <summary>Asserts ids, tokens, places, types, pairs and decoded texts of every line.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="lines">The file with the texts, without its ending.</param>
    public static void AssertEqual(SubwordTokenizer tokenizer, string lines)
    {
        int count = 0;
        foreach (string json in File.ReadLines(SharedFiles.Path($"golden/subwords/{lines}.jsonl")))
        {
            JsonElement line = JsonElement.Parse(json);
            string text = line.GetProperty("text").GetString()!;
            string what = $"{lines}:{++count} {json[..Math.Min(json.Length, 120)]}";
            TokenEncoding encoding = tokenizer.Encode(text);
            int[] codePoints = CodePointIndexes(text);
            Assert.True(Numbers(line, "ids").SequenceEqual(encoding.Ids), what);
            Assert.True(Numbers(line, "types").SequenceEqual(encoding.TokenTypeIds), what);
            Assert.Equal(
                line.GetProperty("offsets").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32())),
                encoding.Offsets.Select(place => (codePoints[place.Start], codePoints[place.End])));
            // An added token is given with the white space that belongs to it, an unknown one as it stands in the text.
            Assert.Equal(
                line.GetProperty("tokens").EnumerateArray().Select((token, i) => Trimmed(token.GetString()!, encoding.Ids[i])),
                encoding.Tokens.Select((token, i) => Trimmed(token, encoding.Ids[i])));
            Assert.Equal(encoding.Ids, tokenizer.Template.Build(tokenizer.EncodeToIds(text)).Ids);
            Assert.Equal(line.GetProperty("decoded").GetString(), tokenizer.Decode(encoding.Ids));
            if (line.TryGetProperty("decoded_raw", out JsonElement raw))
                Assert.Equal(raw.GetString(), tokenizer.Decode(encoding.Ids, skipSpecialTokens: false));
            if (!line.TryGetProperty("pair_ids", out _))
                continue;
            TokenEncoding pair = tokenizer.Encode(text, "second text");
            Assert.True(Numbers(line, "pair_ids").SequenceEqual(pair.Ids), what);
            Assert.True(Numbers(line, "pair_types").SequenceEqual(pair.TokenTypeIds), what);
        }

        Assert.True(count >= 250);

        string Trimmed(string token, int id) =>
            id == tokenizer.SpecialTokens.UnknownTokenId ? string.Empty : tokenizer.IsAdded(id) ? token.Trim() : token;
    }

    /// <summary>Asserts that the tokenizer of a directory, written and read again, is the same.</summary>
    /// <param name="directory">The directory of the references.</param>
    /// <param name="lines">The file with the texts, without its ending.</param>
    public static void AssertReadAgain(string directory, string lines)
    {
        SubwordTokenizer tokenizer = Open(directory);
        IReadOnlyDictionary<string, byte[]> files = tokenizer.ToFiles();
        SubwordTokenizer again = SubwordTokenizer.FromFiles(
            file => files.TryGetValue(file, out byte[]? bytes) ? new MemoryStream(bytes) : null, directory);
        AssertEqual(again, lines);
        Assert.Equal(tokenizer.Fingerprint, again.Fingerprint);
        Assert.Equal(tokenizer.SpecialTokens, again.SpecialTokens);
    }

    private static int[] Numbers(JsonElement line, string name) =>
        [.. line.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];

    /// <summary>For each UTF-16 position, how many code points lie before it; inside a pair, -1.</summary>
    private static int[] CodePointIndexes(string text)
    {
        int[] indexes = new int[text.Length + 1];
        Array.Fill(indexes, -1);
        int count = 0;
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            indexes[position] = count++;
            position += rune.Utf16SequenceLength;
        }

        indexes[text.Length] = count;
        return indexes;
    }
}
