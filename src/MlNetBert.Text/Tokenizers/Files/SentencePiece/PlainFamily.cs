using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>
/// No family: what the model says of itself, as SentencePiece does. Its normalization goes by normalizer_spec, no tokens stand around
/// texts.
/// </summary>
internal sealed class PlainFamily(SentencePieceFile file, FamilySettings said) : SentencePieceFamily(
    file,
    said,
    [
        file.Pieces[file.Trainer.UnkId].Key, null, null, file.ControlOf(file.Trainer.PadId), null, file.ControlOf(file.Trainer.BosId),
        file.ControlOf(file.Trainer.EosId),
    ])
{
    public override bool IsBytePair => File.IsBytePair;

    protected override TextNormalizer? Normalizer
    {
        get
        {
            List<TextNormalizer> steps = File.Charsmap is { } charsmap ? [charsmap] : [];
            if (File.Rules.RemoveExtraWhitespaces)
                steps.AddRange([new StripNormalizer(), ReplaceNormalizer.OfRegex(" {2,}", " ")]);
            if (File.Rules.AddDummyPrefix)
                steps.Add(new PrependNormalizer(Metaspaces.Mark.ToString()));
            return steps.Count == 0 ? null : new SequenceNormalizer(steps);
        }
    }

    // The mark is set while the text is normalized, whether it begins with one or not.
    protected override PrependScheme Prepend => PrependScheme.Never;

    // A piece may hold a blank inside it; then the text must stay one word.
    protected override TextPreTokenizer PreTokenizer => new MetaspacePreTokenizer
    {
        Prepend = Prepend,
        Cuts = !File.IsBytePair && !File.Pieces.Any(piece => piece.Key.LastIndexOf(Metaspaces.Mark) > 0),
    };

    protected override TokenDecoder Decoder => CreateDecoder(File.Rules.AddDummyPrefix);

    protected override SpecialTokenTemplate CreateTemplate(Func<string, int> idOf) => SpecialTokenTemplate.None;
}
