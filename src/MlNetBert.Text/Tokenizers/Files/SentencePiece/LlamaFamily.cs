using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files.SentencePiece;

/// <summary>Llama's: the file's ids and no normalization; tokens stand around a text where tokenizer_config.json asks for them.</summary>
internal sealed class LlamaFamily(SentencePieceFile file, FamilySettings said) : SentencePieceFamily(
    file, said, ["<unk>", null, null, null, null, "<s>", "</s>"])
{
    public override bool IsBytePair => true;

    protected override TextNormalizer? Normalizer => null;

    protected override PrependScheme Prepend => !Said.AddPrefixSpace ? PrependScheme.Never
        : Said.Boolean("legacy") ?? false ? PrependScheme.Always
        : PrependScheme.First;

    protected override TextPreTokenizer PreTokenizer => new MetaspacePreTokenizer { Prepend = Prepend, Cuts = false };

    protected override TokenDecoder Decoder => CreateDecoder(Said.AddPrefixSpace);

    protected override SpecialTokenTemplate CreateTemplate(Func<string, int> idOf) => SpecialTokenTemplate.CreateWithEnds(
        Said.Boolean("add_bos_token") ?? false ? idOf(Token(SpecialTokenRole.BeginningOfText)) : null,
        Said.Boolean("add_eos_token") ?? false ? idOf(Token(SpecialTokenRole.EndOfText)) : null);
}
