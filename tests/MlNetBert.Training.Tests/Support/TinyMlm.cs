using MlNetBert.Models;
using MlNetBert.Models.Bert;
using MlNetBert.Text.Blocks;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Mlm;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>A vocabulary of five special tokens and some words, blocks of chance, and the smallest of models.</summary>
internal static class TinyMlm
{
    public const int FirstWord = 5;

    public static SubwordTokenizer Tokenizer(int words = 40) =>
        SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, words).Select(i => "w" + i)]);

    /// <summary>[CLS] words [SEP], the last block shorter where asked.</summary>
    public static BlockArray Blocks(int count, int length = 16, int words = 40, int padded = 0)
    {
        var random = new PhiloxStream(99, 50, 0);
        var blocks = new BlockArray(length, words + FirstWord);
        for (var b = 0; b < count; b++)
        {
            var end = b == count - 1 ? length - padded : length;
            var ids = new int[end];
            for (var i = 0; i < end; i++)
                ids[i] = FirstWord + random.Bounded(b, i, words);
            (ids[0], ids[end - 1]) = (2, 3);
            blocks.Add(ids);
        }

        return blocks;
    }

    public static MaskedLanguageModel Model(int words = 40, double dropout = 0, int maxPositions = 16, int seed = 3, int hidden = 16, int layers = 1)
    {
        var config = new BertConfig
        {
            VocabularySize = words + FirstWord,
            HiddenSize = hidden,
            LayerCount = layers,
            HeadCount = 2,
            IntermediateSize = 2 * hidden,
            MaxPositions = maxPositions,
            HiddenDropout = dropout,
            AttentionDropout = dropout,
        };
        return (MaskedLanguageModel)ModelArchitecture.Bert.Create(ModelHead.MaskedLanguageModel, config, seed);
    }

    public static TokenMasking Masking(int words = 40, double probability = 0.15, long seed = 11) => new(Tokenizer(words), seed, probability);

    /// <summary>The objective of an evaluation: masks that are the same every time.</summary>
    public static MlmObjective HeldOut(MaskedLanguageModel model, IBlockSource blocks, TokenMasking? masking = null) =>
        new(model, new CorruptedBlocks(blocks, masking ?? Masking(), RandomStreams.EvaluationCorruption));

    public static HeldOutEvaluation Evaluation(MaskedLanguageModel model, IBlockSource blocks, int batchSize, TokenMasking? masking = null) =>
        new(HeldOut(model, blocks, masking), batchSize);

    /// <summary>The summed loss of a batch of an objective with one term.</summary>
    public static float Loss(Objective objective, TrainingBatch batch, long dropoutSeed = 0)
    {
        using var noGradient = no_grad();
        using var sum = Assert.Single(objective.ComputeLosses(batch, dropoutSeed)).Sum;
        return sum.item<float>();
    }

    public static Dictionary<string, float[]> Weights(nn.Module model)
    {
        using var scope = NewDisposeScope();
        return model.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().cpu().data<float>().ToArray());
    }

    /// <summary>The largest difference of any weight.</summary>
    public static float Distance(Dictionary<string, float[]> left, Dictionary<string, float[]> right) =>
        left.Max(p => p.Value.Zip(right[p.Key], (a, b) => Math.Abs(a - b)).Max());
}
