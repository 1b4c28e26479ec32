using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Lower-casing before a tokenizer's own normalizer, as <c>do_lower_case</c> of sentence-transformers has it.</summary>
public sealed class LowerCasedTests
{
    private static readonly SubwordTokenizer Cased = SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "paris", "Paris", "οδοσ", "οδος", "i\u0307"],
        new WordPieceTokenizerOptions { LowerCase = false, StripAccents = false });

    [Fact]
    public void Encode_LowerCased_LeavesSpecialTokensAndTakesEachCodePointByItself()
    {
        var encoding = Cased.LowerCased().Encode("[MASK] Paris ΟΔΟΣ \u0130");

        Assert.Equal(["[CLS]", "[MASK]", "paris", "οδοσ", "i\u0307", "[SEP]"], encoding.Tokens);
        Assert.Equal(new TokenOffset(18, 19), encoding.Offsets[4]);
        Assert.Equal("Paris", Cased.Encode("Paris").Tokens[1]);
    }

    [Fact]
    public void LowerCased_NormalizerThatHoldsLowercase_IsTheSameTokenizer()
    {
        var lowered = Cased.LowerCased();

        Assert.True(lowered.LowersCase);
        Assert.Same(lowered, lowered.LowerCased());
        Assert.Equal(Cased.Vocabulary, lowered.Vocabulary);
    }
}
