using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>
/// DeBERTa-v2's: the file's ids, with tokens of BERT's names behind them where it lacks them; white space is made one and form C takes the
/// place of the charsmap, as in transformers 5.
/// </summary>
internal sealed class DebertaFamily(SentencePieceFile file, FamilySettings said) : SentencePieceFamily(
    file, said, ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "[CLS]", "[SEP]"])
{
    protected override TextNormalizer Normalizer
    {
        get
        {
            List<TextNormalizer> steps = Said.Boolean("do_lower_case") ?? false ? [new LowercaseNormalizer()] : [];
            steps.AddRange(
                [ReplaceNormalizer.OfRegex(@"\s{2,}|[\n\r\t]", " "), new NfcNormalizer(), new StripNormalizer(Left: false, Right: true)]);
            return new SequenceNormalizer(steps);
        }
    }

    protected override PrependScheme Prepend => Said.AddPrefixSpace ? PrependScheme.Always : PrependScheme.First;

    protected override TextPreTokenizer PreTokenizer => new SequencePreTokenizer([new MetaspacePreTokenizer { Prepend = Prepend }]);

    protected override SpecialTokenTemplate CreateTemplate(Func<string, int> idOf) => SpecialTokenTemplate.CreateBert(
        idOf(Token(SpecialTokenRole.Classification)), idOf(Token(SpecialTokenRole.Separator)));
}
