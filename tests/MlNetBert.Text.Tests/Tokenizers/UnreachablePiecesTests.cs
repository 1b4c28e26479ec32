using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class UnreachablePiecesTests
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]"];

    [Fact]
    public void Warning_CasedVocabularyInLowerCase_NamesTheOption()
    {
        UnreachablePieces pieces = Of(["Paris", "paris", "##A", "the"], new());

        Assert.Equal(new UnreachablePieces(4, 2, 0), pieces);
        Assert.Contains("2 of the vocabulary's 4 pieces have upper-case letters", pieces.Warning(), StringComparison.Ordinal);
        Assert.Contains("WordPieceTokenizingOptions.LowerCase = false", pieces.Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void Warning_AccentsThatAreStripped_NamesTheOption()
    {
        UnreachablePieces pieces = Of(["av\u00F3", "avo", "e"], new());

        Assert.Equal(new UnreachablePieces(3, 0, 1), pieces);
        Assert.Contains("WordPieceTokenizingOptions.StripAccents = false", pieces.Warning(), StringComparison.Ordinal);
        Assert.Null(Of(["av\u00F3", "avo", "e"], new() { StripAccents = false }).Warning());
    }

    [Fact]
    public void Warning_SpacesAtAPiecesEnd_AreTold() =>
        Assert.Contains("1 of the vocabulary's 3 pieces begin or end with a space", Of(["the ", "cat", "##s"], new()).Warning(), StringComparison.Ordinal);

    [Fact]
    public void Warning_VocabulariesThatFit_IsNone()
    {
        Assert.Null(Of(["Paris", "av\u00F3"], new() { LowerCase = false }).Warning());
        Assert.Null(UnreachablePieces.Of(SubwordTokenizer.FromVocabularyFile(SharedFiles.Path("data/bert-base-uncased-vocab.txt"))).Warning());
        Assert.Null(Of([.. Enumerable.Range(0, 100).Select(i => $"p{i}"), "A"], new()).Warning()); // one in 101
    }

    private static UnreachablePieces Of(string[] pieces, WordPieceTokenizerOptions options) => UnreachablePieces.Of(SubwordTokenizer.FromVocabulary([.. Special, .. pieces], options));
}
