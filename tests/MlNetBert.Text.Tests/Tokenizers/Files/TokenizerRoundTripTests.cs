using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.Files;

/// <summary>What any tokenizer does survives its files.</summary>
public sealed class TokenizerRoundTripTests
{
    [Fact]
    public void ToFiles_AnyTokenizer_ReadsAgainAsItIs() => Gen.Select(RandomTokenizers.Files, RandomTokenizers.Text.Array[8]).Sample(
        (files, texts) =>
        {
            SubwordTokenizer tokenizer = RandomTokenizers.Open(files);
            IReadOnlyDictionary<string, byte[]> written = tokenizer.ToFiles();
            SubwordTokenizer[] others = [RandomTokenizers.Open(written), RandomTokenizers.Open(written.Where(file => file.Key != "vocab.txt").ToDictionary()), tokenizer.With()];
            foreach (SubwordTokenizer other in others)
            {
                RequireSame(tokenizer, other, texts);
                Assert.Equal(written.Select(file => Encoding.UTF8.GetString(file.Value)), other.ToFiles().Select(file => Encoding.UTF8.GetString(file.Value)));
            }

            JsonObject configuration = JsonNode.Parse(files["tokenizer_config.json"])!.AsObject();
            JsonNode kept = JsonNode.Parse(written["tokenizer_config.json"])!;
            Assert.All(configuration, member => Assert.True(JsonNode.DeepEquals(member.Value, kept[member.Key]), member.Key));
            JsonNode json = JsonNode.Parse(files["tokenizer.json"])!;
            JsonNode again = JsonNode.Parse(written["tokenizer.json"])!;
            Assert.All((string[])["truncation", "padding", "normalizer", "post_processor", "decoder", "model"], key => Assert.True(JsonNode.DeepEquals(json[key], again[key]), key));
        },
        iter: 300);

    [Fact]
    public void ToFiles_WithoutTokenizerJson_GivesTheSameIds() => Gen.Select(RandomTokenizers.Files, RandomTokenizers.Text.Array[8]).Sample(
        (files, texts) =>
        {
            JsonNode json = JsonNode.Parse(files["tokenizer.json"])!;
            SubwordTokenizer tokenizer = RandomTokenizers.Open(files);
            WordPieceTokenizerOptions options = ((BertWordPieceTokenizer)tokenizer).Options;
            if (options.ContinuingPrefix != "##" || options.MaxWordLength != 100 || options.ComposeAccents == true || !options.CleanText)
                return; // what the older files cannot say
            SubwordTokenizer other = RandomTokenizers.Open(tokenizer.ToFiles().Where(file => file.Key != "tokenizer.json").ToDictionary());
            Assert.Equal(tokenizer.Fingerprint, other.Fingerprint);
            foreach (string text in texts)
                Assert.Equal(Encode(tokenizer, text, types: false), Encode(other, text, types: false));
            Assert.Equal(options.InvalidText, other.InvalidText);
        },
        iter: 500);

    private static void RequireSame(SubwordTokenizer tokenizer, SubwordTokenizer other, string[] texts)
    {
        Assert.Equal(tokenizer.Fingerprint, other.Fingerprint);
        Assert.Equal(tokenizer.Vocabulary, other.Vocabulary);
        Assert.Equal(((BertWordPieceTokenizer)tokenizer).Options with { AddedTokens = [] }, ((BertWordPieceTokenizer)other).Options with { AddedTokens = [] });
        Assert.Equal(tokenizer.Template.Build([1], [2]).TypeIds, other.Template.Build([1], [2]).TypeIds);
        foreach (string text in texts.Append("cut \uD83D"))
        {
            Assert.Equal(Encode(tokenizer, text), Encode(other, text));
            if (!text.Contains('\uD83D'))
                Assert.Equal(tokenizer.Decode(tokenizer.EncodeToIds(text)), other.Decode(other.EncodeToIds(text)));
        }
    }

    private static string Encode(SubwordTokenizer tokenizer, string text, bool types = true)
    {
        try
        {
            TokenEncoding encoding = tokenizer.Encode(text, "a b");
            return string.Join(' ', encoding.Ids.Zip(encoding.Offsets, (id, offset) => $"{id}@{offset.Start}-{offset.End}")) + (types ? " types " + string.Join(' ', encoding.TokenTypeIds) : "");
        }
        catch (InvalidTextException exception)
        {
            return $"refused at {exception.Position}";
        }
    }
}
