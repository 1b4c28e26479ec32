namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>XLM-RoBERTa's: four pieces take the places of the file's first three, so that an ordinary piece k has the id k + 1.</summary>
internal sealed class XlmRobertaFamily(SentencePieceFile file, FamilySettings said) : FairseqFamily(file, said)
{
    protected override IEnumerable<KeyValuePair<string, double>> FirstPieces =>
    [
        new(Token(SpecialTokenRole.BeginningOfText), 0), new(Token(SpecialTokenRole.Padding), 0),
        new(Token(SpecialTokenRole.EndOfText), 0), new(Token(SpecialTokenRole.Unknown), 0),
    ];

    protected override int Replaced => 3;
}
