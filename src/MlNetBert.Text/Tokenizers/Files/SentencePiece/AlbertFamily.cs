using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>
/// ALBERT's: quotation marks are made one, accents are stripped and letters lower-cased before the charsmap; BERT's template.
/// </summary>
internal class AlbertFamily : SentencePieceFamily
{
    public AlbertFamily(SentencePieceFile file, FamilySettings said)
        : this(file, said, ["<unk>", "[CLS]", "[SEP]", "<pad>", "[MASK]", "[CLS]", "[SEP]"])
    {
    }

    private protected AlbertFamily(SentencePieceFile file, FamilySettings said, IReadOnlyList<string?> usual)
        : base(file, said, usual)
    {
    }

    /// <summary>Whether letters are lower-cased where nothing says so.</summary>
    protected virtual bool UsuallyLowersCase => true;

    /// <summary>Whether accents are kept.</summary>
    protected virtual bool KeepsAccents => Said.Boolean("keep_accents") ?? false;

    protected override TextNormalizer Normalizer
    {
        get
        {
            List<TextNormalizer> steps = [ReplaceNormalizer.OfString("``", "\""), ReplaceNormalizer.OfString("''", "\"")];
            if (!KeepsAccents)
                steps.AddRange([new NfkdNormalizer(), new StripAccentsNormalizer()]);
            if (Said.Boolean("do_lower_case") ?? UsuallyLowersCase)
                steps.Add(new LowercaseNormalizer());
            if (File.Charsmap is { } charsmap)
                steps.Add(charsmap);
            return new SequenceNormalizer(steps);
        }
    }

    protected override SpecialTokenTemplate CreateTemplate(Func<string, int> idOf) => SpecialTokenTemplate.CreateBert(
        idOf(Token(SpecialTokenRole.Classification)), idOf(Token(SpecialTokenRole.Separator)));
}
