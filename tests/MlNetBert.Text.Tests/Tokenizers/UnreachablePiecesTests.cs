using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class UnreachablePiecesTests
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]"];

    [Fact]
    public void Warning_CasedVocabularyInLowerCase_NamesTheOption()
    {
        UnreachablePieces pieces = Of(["Paris", "paris", "##A", "the"], new());

        Assert.Equal(new UnreachablePieces(4, 2, 0), pieces);
        Assert.Contains("2 of the vocabulary's 4 pieces have upper-case letters", pieces.Warning("SomeOptions"), StringComparison.Ordinal);
        Assert.Contains("SomeOptions.LowerCase = false", pieces.Warning("SomeOptions"), StringComparison.Ordinal);
    }

    [Fact]
    public void Warning_AccentsThatAreStripped_NamesTheOption()
    {
        UnreachablePieces pieces = Of(["av\u00F3", "avo", "e"], new());

        Assert.Equal(new UnreachablePieces(3, 0, 1), pieces);
        Assert.Contains("SomeOptions.StripAccents = false", pieces.Warning("SomeOptions"), StringComparison.Ordinal);
        Assert.Null(Of(["av\u00F3", "avo", "e"], new() { StripAccents = false }).Warning("SomeOptions"));
    }

    [Fact]
    public void Warning_TokenizerWithItsOwnSettings_NamesItsFiles() =>
        Assert.Contains("do_lower_case in its tokenizer_config.json", Of(["Paris"], new()).Warning(null), StringComparison.Ordinal);

    [Fact]
    public void Of_ByteLevelPieces_JudgesTheTextThatTheyStandFor()
    {
        // "Ġthe" begins with a blank, "Ã©" is é, "Ãī" is É, and a lone "Ã" is a part of a character.
        string[] merges = ["t h", "th e", "\u0120 the", "\u00C3 \u00A9", "\u00C3 \u012B", "\u0120 T"];
        SubwordTokenizer cased = BytePairTokenizers.Roberta(merges);
        SubwordTokenizer lowered = SubwordTokenizer.Create(cased.Pipeline with { Normalizer = new LowercaseNormalizer() });

        Assert.Equal(new UnreachablePieces(256 + 6, 0, 0), UnreachablePieces.Of(cased));
        Assert.Equal(26 + 2, UnreachablePieces.Of(lowered).UpperCase); // A to Z, É and " T"
    }

    [Fact]
    public void Warning_SpacesAtAPiecesEnd_AreTold() =>
        Assert.Contains("1 of the vocabulary's 3 pieces begin or end with a space", Of(["the ", "cat", "##s"], new()).Warning("SomeOptions"), StringComparison.Ordinal);

    [Fact]
    public void Warning_VocabulariesThatFit_IsNone()
    {
        Assert.Null(Of(["Paris", "av\u00F3"], new() { LowerCase = false }).Warning("SomeOptions"));
        Assert.Null(UnreachablePieces.Of(SubwordTokenizer.FromVocabularyFile(SharedFiles.Path("data/bert-base-uncased-vocab.txt"))).Warning("SomeOptions"));
        Assert.Null(Of([.. Enumerable.Range(0, 100).Select(i => $"p{i}"), "A"], new()).Warning("SomeOptions")); // one in 101
    }

    private static UnreachablePieces Of(string[] pieces, WordPieceTokenizerOptions options) => UnreachablePieces.Of(SubwordTokenizer.FromVocabulary([.. Special, .. pieces], options));
}
