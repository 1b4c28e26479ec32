using MlNetBert.Models;
using MlNetBert.Models.Bert;
using MlNetBert.Models.Heads;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Mlm;

namespace MlNetBert.Training.Tests.Support;

/// <summary>Documents of known sentences: word 10·d + s of document d stands in its sentence s alone.</summary>
internal static class Stories
{
    public const int Documents = 12;
    public const int Sentences = 4;
    private const int Point = 5;
    private const int FirstWord = 6;

    public static SubwordTokenizer Tokenizer { get; } = SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", .. Enumerable.Range(0, Documents * 10).Select(i => "w" + i)]);

    /// <summary>A block a document: sentences of two words and a point.</summary>
    public static BlockArray Blocks(int documents = Documents, int sentences = Sentences, int blockLength = 24)
    {
        var blocks = new BlockArray(blockLength, Tokenizer.Vocabulary.Count);
        for (var document = 0; document < documents; document++)
            blocks.Add([2, .. Enumerable.Range(0, sentences).SelectMany(s => new[] { Word(document, s), Word(document, s), Point }), 3], document);
        return blocks;
    }

    public static int Word(int document, int sentence) => FirstWord + (document * 10) + sentence;

    /// <summary>The document and the sentence of each word of some tokens.</summary>
    public static List<(int Document, int Sentence)> Read(IEnumerable<int> ids) =>
        [.. ids.Where(id => id >= FirstWord).Select(id => ((id - FirstWord) / 10, (id - FirstWord) % 10))];

    public static SentencePairing Pairing(IBlockSource blocks, SentencePairTask kind, double probability = 0.15) =>
        new(blocks, Tokenizer, new TokenMasking(Tokenizer, 11, probability, maskShare: 0, randomShare: 0), kind, seed: 11);

    public static PreTrainingModel Model() => (PreTrainingModel)ModelArchitecture.Bert.Create(
        ModelHead.PreTraining,
        new BertConfig
        {
            VocabularySize = Tokenizer.Vocabulary.Count,
            HiddenSize = 16,
            LayerCount = 1,
            HeadCount = 2,
            IntermediateSize = 32,
            MaxPositions = 24,
            HiddenDropout = 0,
            AttentionDropout = 0,
        },
        seed: 3);
}
