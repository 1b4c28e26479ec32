namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>Models of fairseq: their own pieces come first, the mask comes last, and texts stand between RoBERTa's tokens.</summary>
internal abstract class FairseqFamily(SentencePieceFile file, FamilySettings said) : SentencePieceFamily(
    file, said, ["<unk>", "<s>", "</s>", "<pad>", "<mask>", "<s>", "</s>"])
{
    protected sealed override IEnumerable<KeyValuePair<string, double>> Pieces =>
        [.. FirstPieces, .. File.Pieces.Skip(Replaced), new(Token(SpecialTokenRole.Mask), 0)];

    protected sealed override int UnknownId => 3;

    /// <summary>The pieces that come first.</summary>
    protected abstract IEnumerable<KeyValuePair<string, double>> FirstPieces { get; }

    /// <summary>How many of the file's pieces they take the places of.</summary>
    protected abstract int Replaced { get; }

    protected sealed override SpecialTokenTemplate CreateTemplate(Func<string, int> idOf) => SpecialTokenTemplate.CreateRoberta(
        idOf(Token(SpecialTokenRole.BeginningOfText)), idOf(Token(SpecialTokenRole.EndOfText)));
}
