using System.Text;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.PreTokenizers;

public sealed class MetaspacePreTokenizerTests
{
    [Theory]
    [InlineData("""{"replacement":"▁"}""", "▁Hey ▁my ▁ ▁friend")]
    [InlineData("""{"replacement":"▁","prepend_scheme":"never"}""", "Hey ▁my ▁ ▁friend")]
    [InlineData("""{"replacement":"▁","add_prefix_space":false}""", "Hey ▁my ▁ ▁friend")]
    [InlineData("""{"replacement":"▁","add_prefix_space":true,"prepend_scheme":"first","split":false}""", "▁Hey▁my▁▁friend")]
    [InlineData("""{"replacement":"𝒳","str_rep":"𝒳"}""", "𝒳Hey 𝒳my 𝒳 𝒳friend")]
    public void Split_Text_IsCutBeforeEachMark(string json, string expected) =>
        Assert.Equal(expected, string.Join(' ', Words(Of(json), "Hey my  friend")));

    [Fact]
    public void Split_AnEmptyText_GivesNoWord() => Assert.Empty(Words(new MetaspacePreTokenizer(), string.Empty));

    [Theory]
    [InlineData(PrependScheme.Always, "▁a <s> ▁b <s> ▁c")]
    [InlineData(PrependScheme.First, "▁a <s> b <s> ▁c")]
    [InlineData(PrependScheme.Never, "a <s> b <s> ▁c")]
    public void Encode_TextBehindAnAddedToken_GetsTheMarkByTheScheme(PrependScheme scheme, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Tokens(scheme, normalized: false, "a<s>b<s> c")));
        Assert.Equal(expected, string.Join(' ', Tokens(scheme, normalized: true, "a<s>b<s> c")));
    }

    [Fact]
    public void Encode_NormalizedTokenBehindAWrittenOne_IsNotTheFirst() =>
        Assert.Equal("[W] <s> a", string.Join(' ', Tokens(PrependScheme.First, normalized: true, "[W]<s>a")));

    [Fact]
    public void Encode_FirstCharacterDroppedByTheNormalizer_LeavesTheRestUnmarked()
    {
        // tokenizers slices the text behind its normalizer (added_vocabulary.rs), and a slice begins where its first character stood.
        Assert.Equal("a", string.Join(' ', Tokens(PrependScheme.First, normalized: true, "  a", new StripNormalizer(true, true))));
        Assert.Equal("a", string.Join(' ', Tokens(PrependScheme.First, normalized: false, "\u0001a", new NmtNormalizer())));
        Assert.Equal("▁a", string.Join(' ', Tokens(PrependScheme.First, normalized: false, "a  ", new StripNormalizer(true, true))));
    }

    [Theory]
    [InlineData("""{"replacement":"▁","add_prefix_space":false,"prepend_scheme":"first"}""", "'add_prefix_space'")]
    [InlineData("""{"replacement":"▁▁"}""", "'replacement'")]
    [InlineData("""{"replacement":"▁","prepend_scheme":"sometimes"}""", "'prepend_scheme'")]
    [InlineData("""{"prepend_scheme":"first"}""", "'replacement'")]
    public void Of_MembersThatCannotBe_AreRefusedByTheirKey(string json, string key) =>
        Assert.Contains(key, Assert.Throws<TokenizerFormatException>(() => Of(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(PrependScheme.Always, "Hey  my")]
    [InlineData(PrependScheme.Never, "  Hey  my")]
    public void Decode_MarksOfTheFirstToken_AreDroppedWhereOneWasSet(PrependScheme scheme, string expected) =>
        Assert.Equal(expected, string.Concat(new MetaspaceDecoder { Prepend = scheme }.Decode(["▁▁Hey", "▁", "▁my"])));

    private static MetaspacePreTokenizer Of(string json) =>
        MetaspacePreTokenizer.Of(JsonPart.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json"));

    private static IEnumerable<string> Words(MetaspacePreTokenizer preTokenizer, string text)
    {
        var words = new List<(int Start, int Length)>();
        AlignedText cut = preTokenizer.Split(AlignedText.Of(text, 0, replacesInvalid: false), words);
        return words.ConvertAll(word => cut.Text.Substring(word.Start, word.Length));
    }

    private static IReadOnlyList<string> Tokens(
        PrependScheme scheme, bool normalized, string text, TextNormalizer? normalizer = null)
    {
        string[] pieces = ["<unk>", "<s>", "[W]", "a", "b", "c", "▁a", "▁b", "▁c"];
        return SubwordTokenizer.Create(new TokenizerPipeline
        {
            Normalizer = normalizer,
            PreTokenizer = new MetaspacePreTokenizer { Prepend = scheme },
            Model = new UnigramModel(pieces.Select(piece => KeyValuePair.Create(piece, 0.0)), 0),
            AddedTokens = [new("<s>") { Normalized = normalized }, new("[W]")],
        }).Encode(text).Tokens;
    }
}
