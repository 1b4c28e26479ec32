using CsCheck;
using MlNetBert.Generation;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Tests.Generation;

/// <summary>Tokens that are written one after the other as text, whatever the tokenizer.</summary>
public class ContinuationDecoderTests
{
    public static TheoryData<string> Tokenizers => ["bytes", "words", "words, cleaned up", "llama2", "unigram-bytes", "t5", "falcon"];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void StableOf_AnyTokens_IsTheBeginningOfTheWholeWithoutTornCharacters(string name)
    {
        var tokenizer = Open(name);
        // Most tokens of the vocabulary's beginning, where bytes and marks are.
        var id = Gen.OneOf(Gen.Int[0, Math.Min(300, tokenizer.Vocabulary.Count - 1)], Gen.Int[0, tokenizer.Vocabulary.Count - 1]);
        Gen.Select(id.Array[0, 6], id.Array[1, 10]).Sample((prompt, generated) =>
        {
            var decoder = new ContinuationDecoder(tokenizer, prompt);
            var whole = decoder.Of(generated);
            for (var count = 0; count <= generated.Length; count++)
            {
                var stable = decoder.StableOf(generated[..count]);
                Assert.StartsWith(stable, whole, StringComparison.Ordinal);
                Assert.DoesNotContain('\uFFFD', stable);
                Assert.False(stable.Length > 0 && char.IsHighSurrogate(stable[^1]));
            }
        }, iter: 60);
    }

    [Theory]
    [InlineData("llama2", "the first word and the second")]
    [InlineData("words", "the cat sat.")]
    [InlineData("bytes", "ab cd😸 ab")]
    [InlineData("t5", "the first word and the second")]
    public void Of_WhatFollowsAnyBeginning_KeepsTheBlankBetween(string name, string text)
    {
        var tokenizer = Open(name);
        var ids = tokenizer.EncodeToIds(text);
        for (var count = 1; count < ids.Length; count++)
        {
            var before = tokenizer.Decode(ids[..count]);
            if (!before.Contains('\uFFFD', StringComparison.Ordinal))
                Assert.Equal(tokenizer.Decode(ids), before + new ContinuationDecoder(tokenizer, ids[..count]).Of(ids[count..]));
        }
    }

    /// <summary>What cleaning up blanks may change is held back in whole characters.</summary>
    [Fact]
    public void StableOf_CharactersOfTwoUnits_CutsNone()
    {
        var tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "😸", "##😸", "a", "##a"]);
        int[] generated = [5, 6, 6, 6, 6, 8, 6, 6, 8, 8, 6, 6];
        var decoder = new ContinuationDecoder(tokenizer, []);
        var whole = decoder.Of(generated);

        var stable = Enumerable.Range(0, generated.Length + 1).Select(count => decoder.StableOf(generated[..count])).ToList();

        Assert.All(stable, text => Assert.StartsWith(text, whole, StringComparison.Ordinal));
        Assert.All(stable, text => Assert.False(text.Length > 0 && char.IsHighSurrogate(text[^1]), text));
        Assert.Contains(stable, text => text.Length > 10);
    }

    [Fact]
    public void Of_TornLastCharacter_IsAsDecodeGivesIt()
    {
        var ids = Open("bytes").EncodeToIds("é猫");

        var text = new ContinuationDecoder(Open("bytes"), []).Of(ids[..^1]);

        Assert.Equal(Open("bytes").Decode(ids[..^1]), text);
        Assert.EndsWith("\uFFFD", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_IdsWithoutAPiece_GivesNothing() =>
        Assert.Equal(Open("bytes").Decode(Open("bytes").EncodeToIds("ab")), new ContinuationDecoder(Open("bytes"), []).Of([.. Open("bytes").EncodeToIds("ab"), 100_000]));

    private static SubwordTokenizer Open(string name) => name switch
    {
        "bytes" => TinyCausal.Tokenizer,
        "words" => Words(cleanUp: true),
        "words, cleaned up" => Words(cleanUp: false),
        _ => SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", name)),
    };

    private static SubwordTokenizer Words(bool cleanUp) => SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", ".", ",", "'", "n", "t", "s", "##s", "do", "ve", "##n", "?", "not"],
        new WordPieceTokenizerOptions { CleanUpPieces = cleanUp });
}
