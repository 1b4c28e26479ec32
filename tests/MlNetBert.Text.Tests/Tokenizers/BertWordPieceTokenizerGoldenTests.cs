using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Every line of Hugging Face's reference encodings.</summary>
public sealed class BertWordPieceTokenizerGoldenTests
{
    public static TheoryData<string> Files =>
    [
        "wordpiece-uncased", "wordpiece-cased", "wordpiece-cased-strip", "wordpiece-uncased-keep-accents",
        "wordpiece-uncased-no-chinese", "wordpiece-uncased-real",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Encode_GoldenLine_EqualsHuggingFace(string name)
    {
        SubwordTokenizer tokenizer = BertTokenizers.For(name);
        int lines = 0;
        foreach (JsonElement line in Read(name))
        {
            string text = line.GetProperty("text").GetString()!;
            TokenEncoding encoding = tokenizer.Encode(text);
            Assert.Equal(Numbers(line.GetProperty("ids")), encoding.Ids);
            int[] codePoints = CodePointIndexes(text);
            Assert.Equal(
                line.GetProperty("offsets").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32())),
                encoding.Offsets.Select(offset => (codePoints[offset.Start], codePoints[offset.End])));

            var ids = new List<int>();
            tokenizer.EncodeToIds(text, ids);
            Assert.Equal(encoding.Ids.Skip(1).SkipLast(1), ids);
            lines++;
        }

        Assert.True(lines >= 100);
    }

    [Fact]
    public void Encode_PairGolden_EqualsHuggingFace()
    {
        SubwordTokenizer tokenizer = BertTokenizers.For("wordpiece-uncased");
        foreach (JsonElement line in Read("wordpiece-pairs"))
        {
            int length = line.GetProperty("max_length").GetInt32();
            TokenEncoding encoding = tokenizer.Encode(
                line.GetProperty("a").GetString()!,
                line.GetProperty("b").GetString(),
                new EncodeOptions
                {
                    MaxLength = length,
                    PaddingLength = line.GetProperty("ids").GetArrayLength() == length ? length : null,
                    Truncation = line.GetProperty("truncation").GetString() switch
                    {
                        "only_first" => TruncationStrategy.OnlyFirst,
                        "only_second" => TruncationStrategy.OnlySecond,
                        _ => TruncationStrategy.LongestFirst,
                    },
                });
            Assert.Equal(Numbers(line.GetProperty("ids")), encoding.Ids);
            Assert.Equal(Numbers(line.GetProperty("types")), encoding.TokenTypeIds);
            Assert.Equal(Numbers(line.GetProperty("mask")), encoding.AttentionMask);
        }
    }

    [Fact]
    public void Decode_Golden_EqualsHuggingFace()
    {
        SubwordTokenizer tokenizer = BertTokenizers.For("wordpiece-uncased");
        foreach (JsonElement line in Read("decode"))
        {
            int[] ids = Numbers(line.GetProperty("ids"));
            Assert.Equal(line.GetProperty("text").GetString(), tokenizer.Decode(ids));
            Assert.Equal(line.GetProperty("raw").GetString(), tokenizer.Decode(ids, skipSpecialTokens: false, cleanUpSpaces: false));
        }
    }

    [Theory]
    [InlineData("wordpiece-uncased")]
    [InlineData("wordpiece-cased")]
    public void MicrosoftTokenizer_OfATokenizer_GivesTheSameIdsAndPlaces(string name)
    {
        SubwordTokenizer tokenizer = BertTokenizers.For(name);
        foreach (JsonElement line in Read(name))
        {
            string text = line.GetProperty("text").GetString()!;
            TokenEncoding encoding = tokenizer.Encode(text, options: new EncodeOptions { AddSpecialTokens = false });
            Microsoft.ML.Tokenizers.Tokenizer microsoft = tokenizer;
            Assert.Equal(encoding.Ids, microsoft.EncodeToIds(text));
            Assert.Equal(encoding.Count, microsoft.CountTokens(text));
            IReadOnlyList<Microsoft.ML.Tokenizers.EncodedToken> tokens = microsoft.EncodeToTokens(text, out string? normalized);
            Assert.Null(normalized);
            Assert.Equal(encoding.Ids, tokens.Select(token => token.Id));
            Assert.Equal(encoding.Tokens, tokens.Select(token => token.Value));
            Assert.Equal(encoding.Offsets.Select(place => place.Start..place.End), tokens.Select(token => token.Offset));
        }
    }

    private static IEnumerable<JsonElement> Read(string name)
    {
        foreach (string line in File.ReadLines(SharedFiles.Path($"golden/tokens/{name}.jsonl")))
            yield return JsonElement.Parse(line);
    }

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    /// <summary>For each UTF-16 position, how many code points lie before it.</summary>
    private static int[] CodePointIndexes(string text)
    {
        var indexes = new int[text.Length + 1];
        int count = 0;
        int position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            for (int i = 0; i < rune.Utf16SequenceLength; i++)
                indexes[position++] = count;
            count++;
        }

        indexes[text.Length] = count;
        return indexes;
    }
}
