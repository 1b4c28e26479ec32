using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PostProcessors;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Small byte-pair tokenizers.</summary>
internal static class BytePairTokenizers
{
    /// <summary>Byte-level, laid out as RoBERTa's: its five special tokens, the 256 bytes, and what the merges give.</summary>
    /// <param name="merges">Merges as merges.txt has them, two pieces with a blank between them.</param>
    public static SubwordTokenizer Roberta(params string[] merges)
    {
        BytePairModel model = Model(["<s>", "<pad>", "</s>", "<unk>", "<mask>", .. ByteCharacters.All.Select(c => c.ToString())], merges);
        return SubwordTokenizer.Create(new TokenizerPipeline
        {
            PreTokenizer = new ByteLevelPreTokenizer(),
            Model = model,
            Decoder = new ByteLevelDecoder(),
            Template = SpecialTokenTemplate.CreateRoberta(0, 2),
            OffsetTrimming = new OffsetTrimming(AddPrefixSpace: true),
            AddedTokens = [new AddedToken("<mask>") { LeftStrip = true }],
            SpecialTokens = RobertaTokens.Ids,
        });
    }

    /// <summary>A model whose further pieces are those that the merges give.</summary>
    public static BytePairModel Model(IEnumerable<string> pieces, string[] merges, BytePairSettings? settings = null)
    {
        (string Left, string Right)[] pairs = [.. merges.Select(merge => merge.Split(' ')).Select(pair => (pair[0], pair[1]))];
        int prefix = settings?.ContinuingPrefix?.Length ?? 0;
        var ids = pieces.Concat(pairs.Select(pair => pair.Left + pair.Right[prefix..])).Distinct()
            .Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id);
        return new BytePairModel(ids, pairs, settings);
    }
}
