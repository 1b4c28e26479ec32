namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>CamemBERT's: five pieces take the place of the file's first, so that an ordinary piece k has the id k + 4.</summary>
internal sealed class CamembertFamily(SentencePieceFile file, FamilySettings said) : FairseqFamily(file, said)
{
    /// <summary>The score of a piece that shall not be used, as in transformers' CamembertConverter.</summary>
    private const double Unused = -100;

    protected override IEnumerable<KeyValuePair<string, double>> FirstPieces =>
    [
        new("<s>NOTUSED", 0), new(Token(SpecialTokenRole.Padding), 0), new("</s>NOTUSED", 0), new(Token(SpecialTokenRole.Unknown), 0),
        new("<unk>NOTUSED", Unused),
    ];

    protected override int Replaced => 1;

    protected override bool MaskStripsLeft => true;
}
