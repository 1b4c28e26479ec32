using CsCheck;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class BertWordPieceTokenizerTests
{
    private static readonly string[] Pieces =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##a", "##b", "##c", "ab", "##bc", "é", "😀", "##😀", ".", "[", "]", "mask", "'"];

    private static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.FromVocabulary(Pieces);

    [Fact]
    public void SpecialTokens_Vocabulary_HaveTheirPlaces()
    {
        Assert.Equal(new SpecialTokens { UnknownTokenId = 1, ClassificationTokenId = 2, SeparatorTokenId = 3, PaddingTokenId = 0, MaskTokenId = 4 }, Tokenizer.SpecialTokens);
        Assert.All(Enumerable.Range(0, 5), id => Assert.True(Tokenizer.IsSpecial(id)));
        Assert.All((int[])[5, -1, 99], id => Assert.False(Tokenizer.IsSpecial(id)));
        Assert.True(Tokenizer.TryGetId("##bc", out int id) && id == 12);
    }

    [Fact]
    public void Encode_Options_PadAndCutAtTheLeft()
    {
        TokenEncoding encoding = Tokenizer.Encode("a b c", options: new() { MaxLength = 4, TruncationSide = SequenceSide.Left, PaddingLength = 6, PaddingSide = SequenceSide.Left });
        Assert.Equal([0, 0, 2, 6, 7, 3], encoding.Ids);
        Assert.Equal([0, 0, 1, 1, 1, 1], encoding.AttentionMask);
        Assert.Equal([1, 1, 1, 0, 0, 1], encoding.SpecialTokensMask);
        Assert.Equal(["[PAD]", "[PAD]", "[CLS]", "b", "c", "[SEP]"], encoding.Tokens);
        Assert.Equal(new TokenOffset(2, 3), encoding.Offsets[3]);
    }

    [Fact]
    public void Encode_WithoutSpecialTokens_HasOnlyTheTexts()
    {
        TokenEncoding encoding = Tokenizer.Encode("a", "b", new() { AddSpecialTokens = false });
        Assert.Equal([5, 6], encoding.Ids);
        Assert.Equal([0, 1], encoding.TokenTypeIds);
    }

    [Fact]
    public void Encode_ImpossibleCut_IsRefused()
    {
        Assert.Contains("room", Assert.Throws<ArgumentException>(() => Tokenizer.Encode("a", options: new() { MaxLength = 1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Tokenizer.Encode("a a a", "b", new() { MaxLength = 5, Truncation = TruncationStrategy.OnlySecond }));
        Assert.Throws<ArgumentException>(() => Tokenizer.Encode("a a a", options: new() { MaxLength = 3, Truncation = TruncationStrategy.OnlySecond }));
        Assert.Throws<InvalidOptionsException>(() => Tokenizer.Encode("a", options: new() { MaxLength = -1, PaddingLength = -1 }));
    }

    [Fact]
    public void EncodeIds_LoneSurrogate_NamesThePosition()
    {
        var ids = new List<int> { 9 };
        var exception = Assert.Throws<InvalidTextException>(() => Tokenizer.EncodeToIds("ab [MASK] a\uD83D b", ids));
        Assert.Equal(11, exception.Position);
        Assert.Equal([9], ids);
        Assert.Equal(0, Assert.Throws<InvalidTextException>(() => Tokenizer.Encode("\uDE00")).Position);
    }

    [Fact]
    public void EncodeIds_LoneSurrogateReplaced_IsDroppedAsTheReplacementCharacter()
    {
        SubwordTokenizer lenient = SubwordTokenizer.FromVocabulary(Pieces, new() { InvalidText = InvalidTextHandling.Replace });
        Assert.Equal(lenient.EncodeToIds("a\uFFFDb"), lenient.EncodeToIds("a\uD83Db"));
        Assert.Equal([11], lenient.EncodeToIds("a\uD83Db"));
    }

    [Fact]
    public void Encode_TextCutInsideAPair_IsTheReplacementCharacterInItsPlace()
    {
        SubwordTokenizer lenient = SubwordTokenizer.FromVocabulary([.. Pieces, "\uFFFD"], new() { CleanText = false, InvalidText = InvalidTextHandling.Replace });
        TokenEncoding encoding = lenient.Encode("a \uD83D", options: new() { AddSpecialTokens = false });
        Assert.Equal([5, Pieces.Length], encoding.Ids);
        Assert.Equal([new(0, 1), new(2, 3)], encoding.Offsets);
    }

    [Fact]
    public void Encode_SurrogatePairs_OffsetsCountUtf16Units() =>
        Assert.Equal([new(0, 0), new(0, 2), new(2, 4), new(5, 6), new(0, 0)], Tokenizer.Encode("😀😀 a").Offsets);

    [Theory]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(101, 1)]
    [InlineData(300, 1)]
    public void Encode_LongWord_IsUnknownPastTheLimit(int length, int tokens)
    {
        SubwordTokenizer tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "😀", "##😀"]);
        string word = string.Concat(Enumerable.Repeat("😀", length));
        TokenEncoding encoding = tokenizer.Encode(" " + word, options: new() { AddSpecialTokens = false });
        Assert.Equal(tokens, encoding.Count);
        Assert.Equal(tokens == 1, encoding.Ids[0] == 1);
        Assert.Equal((1, 1 + word.Length), (encoding.Offsets[0].Start, encoding.Offsets[^1].End));
        Assert.Equal(encoding.Ids, tokenizer.EncodeToIds(" " + word));
    }

    [Fact]
    public void EncodeIds_AddedTokens_LongestFirstAndWholeWords()
    {
        SubwordTokenizer tokenizer = SubwordTokenizer.FromVocabulary(
            [.. Pieces, "[MASK]2", "CA"],
            new() { AddedTokens = [new AddedToken("[MASK]2"), new AddedToken("CA", Special: false) { SingleWord = true }] });
        Assert.Equal([21, 4], tokenizer.EncodeToIds("[MASK]2[MASK]"));
        Assert.Equal([22, 16, 22], tokenizer.EncodeToIds("CA.CA"));
        Assert.Equal([7, 8, 8], tokenizer.EncodeToIds("CAa"));
        Assert.Equal([7, 8], tokenizer.EncodeToIds("ca"));
        Assert.Equal("CA", tokenizer.Decode([4, 22]));
    }

    [Fact]
    public void Decode_BadId_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([99]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([-1]));
    }

    [Fact]
    public void FromVocabulary_MissingSpecialTokens_NamesThem()
    {
        string message = Assert.Throws<TokenizerFormatException>(() => SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "a"])).Message;
        Assert.Contains("[SEP], [MASK] is missing", message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromVocabulary_WhatIsNoLineOfText_IsNamedWithItsId()
    {
        string message = Assert.Throws<TokenizerFormatException>(() => SubwordTokenizer.FromVocabulary([.. Pieces, "x\n", "\uD800", null!])).Message;
        Assert.Contains("that with id 21 holds a line break; that with id 22 is not valid Unicode; that with id 23 is null", message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromVocabulary_BadOptions_ListsAllFaults()
    {
        var options = new WordPieceTokenizerOptions { MaxWordLength = 0, ModelMaxLength = 0, MaskToken = "", ContinuingPrefix = null!, InvalidText = (InvalidTextHandling)7, AddedTokens = null! };
        Assert.Equal(6, Assert.Throws<InvalidOptionsException>(() => SubwordTokenizer.FromVocabulary(Pieces, options)).Errors.Count);
    }

    [Fact]
    public void Fingerprint_WhatEarlierBuildsCouldRead_IsTheSameAsTheirs()
    {
        // Runs and token stores are known by it; these two are what an earlier build gave.
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s", "Covid", "New York"];
        Assert.Equal("2e76127a8d0ae0e58077092ebde75e70b832a26916b7c696ff0fb6a2adeefaa4", SubwordTokenizer.FromVocabulary(pieces).Fingerprint);
        AddedToken[] added = [new("Covid", Special: false) { SingleWord = true }, new("[MASK]") { LeftStrip = true, RightStrip = true }];
        var options = new WordPieceTokenizerOptions { LowerCase = false, StripAccents = true, MaxWordLength = 50, AddedTokens = added };
        Assert.Equal("79d82a49a8f081be5da628af1ffac283e7647ccccdc9606bd64b7073b72c9a0c", SubwordTokenizer.FromVocabulary(pieces, options).Fingerprint);
    }

    [Fact]
    public void Fingerprint_OptionsThatChangeIds_ChangeIt()
    {
        string[] fingerprints =
        [
            Tokenizer.Fingerprint,
            SubwordTokenizer.FromVocabulary(Pieces, new() { LowerCase = false }).Fingerprint,
            SubwordTokenizer.FromVocabulary(Pieces, new() { StripAccents = false }).Fingerprint,
            SubwordTokenizer.FromVocabulary([.. Pieces, "x"]).Fingerprint,
        ];
        Assert.Equal(fingerprints.Length, fingerprints.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Tokenizer.Fingerprint, SubwordTokenizer.FromVocabulary(Pieces, new() { StripAccents = true, ModelMaxLength = 5 }).Fingerprint);
    }

    [Fact]
    public void EncodeIds_ManyThreads_GiveWhatOneGives()
    {
        string[] texts = [.. Enumerable.Range(0, 400).Select(i => string.Join(' ', Enumerable.Range(0, 20).Select(j => Convert.ToString((i * 31) + (j * 7), 2).Replace('0', 'a').Replace('1', 'b') + (char)('a' + (j % 3)))))];
        int[][] expected = [.. texts.Select(text => SubwordTokenizer.FromVocabulary(Pieces).EncodeToIds(text))];
        var actual = new int[texts.Length][];
        Parallel.For(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i => actual[i] = Tokenizer.EncodeToIds(texts[i]));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Encode_AnyText_AgreesWithTheFastWay() =>
        Gen.String[Gen.OneOf(Gen.Char["abcABCÉé.[]' \t\n\u0301\u3000你\u200b"], Gen.Const('x')), 0, 80].Sample(text =>
        {
            TokenEncoding encoding = Tokenizer.Encode(text, options: new() { AddSpecialTokens = false });
            Assert.Equal(encoding.Ids, Tokenizer.EncodeToIds(text));
            int end = 0;
            foreach (TokenOffset offset in encoding.Offsets)
            {
                Assert.True(offset.Start >= end && offset.End > offset.Start && offset.End <= text.Length);
                end = offset.End;
            }
        });

    [Fact]
    public void Decode_AnyWordsOfTheVocabulary_EncodesBack() =>
        Gen.Char["abc"].Array[1, 8].Select(word => new string(word)).Array[1, 10].Sample(words =>
        {
            int[] ids = Tokenizer.EncodeToIds(string.Join(' ', words));
            Assert.Equal(string.Join(' ', words), Tokenizer.Decode(ids));
        });
}
