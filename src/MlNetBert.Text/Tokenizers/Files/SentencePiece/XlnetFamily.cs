using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>XLNet's: as ALBERT's but in its case, and its tokens stand behind a text, the last of a type of its own.</summary>
internal sealed class XlnetFamily(SentencePieceFile file, FamilySettings said) : AlbertFamily(
    file, said, ["<unk>", "<cls>", "<sep>", "<pad>", "<mask>", "<s>", "</s>"])
{
    private const int ClassificationType = 2;

    protected override bool UsuallyLowersCase => false;

    protected override bool KeepsAccents => false; // as in transformers 5, whatever tokenizer_config.json says

    protected override PrependScheme Prepend => PrependScheme.Always;

    protected override IEnumerable<string> OtherTokens => ["<eop>", "<eod>"];

    protected override SpecialTokenTemplate CreateTemplate(Func<string, int> idOf)
    {
        int separator = idOf(Token(SpecialTokenRole.Separator));
        var last = new TemplateToken(idOf(Token(SpecialTokenRole.Classification)), ClassificationType);
        return new SpecialTokenTemplate
        {
            After = [new(separator, 0), last],
            PairBetween = [new(separator, 0)],
            PairAfter = [new(separator, 1), last],
            SecondTypeId = 1,
        };
    }
}
