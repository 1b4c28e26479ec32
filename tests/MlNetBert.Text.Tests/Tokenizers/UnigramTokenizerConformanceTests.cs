using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>A unigram tokenizer does what every tokenizer must do.</summary>
public sealed class UnigramTokenizerConformanceTests : SubwordTokenizerConformanceTests
{
    private static readonly string[] Pieces =
        ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "▁", "▁a", "a", "▁The", "▁c", "at", "s", "▁sat", "x", "▁x", "é", "日", ",", "d", "▁new",
            "ne", "w"];

    protected override SubwordTokenizer Create() => SubwordTokenizer.Create(new TokenizerPipeline
    {
        Normalizer = new SequenceNormalizer([new NmtNormalizer(), new NfkcNormalizer()]),
        PreTokenizer = new SequencePreTokenizer([new WhitespaceSplitPreTokenizer(), new MetaspacePreTokenizer()]),
        Model = new UnigramModel(Pieces.Select((piece, id) => KeyValuePair.Create(piece, id < 5 ? 0 : -id / 4.0)), 3),
        Decoder = new MetaspaceDecoder(),
        Template = SpecialTokenTemplate.CreateRoberta(0, 2),
        AddedTokens = [.. Pieces.Take(5).Select(piece => new AddedToken(piece))],
        SpecialTokens = RobertaTokens.Ids,
    });
}
