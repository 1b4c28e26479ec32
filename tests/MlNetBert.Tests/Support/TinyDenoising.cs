using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;

namespace MlNetBert.Tests.Support;

/// <summary>Text-to-text models that have learned a little of <see cref="SmallCorpus"/>, each fitted once for all tests that only read it.</summary>
internal static class TinyDenoising
{
    private static readonly Lazy<TransformerChain<TextReconstructionTransformer>> LazySpans = new(() => Fit(DenoisingCorruption.SpanCorruption));
    private static readonly Lazy<TransformerChain<TextReconstructionTransformer>> LazyInfilling = new(() => Fit(DenoisingCorruption.TextInfilling));

    /// <summary>A tokenizer, the grouping and a model. Not to be disposed.</summary>
    public static TransformerChain<TextReconstructionTransformer> Fitted(DenoisingCorruption corruption) =>
        corruption == DenoisingCorruption.TextInfilling ? LazyInfilling.Value : LazySpans.Value;

    /// <summary>More embeddings than any vocabulary here has pieces, as many a checkpoint has: those are sentinels.</summary>
    public static ModelConfig Config(DenoisingCorruption corruption) =>
        ModelArchitecture.Get(corruption == DenoisingCorruption.TextInfilling ? "bart" : "t5").CreateConfig(
            new ModelSize("least", 2, 64, 2), vocabularySize: 256, maxPositions: 24, new ModelTokenIds(0, 2, 3)).WithDropout(0);

    public static DenoisingOptions Options(DenoisingCorruption corruption, long steps = 2) => new()
    {
        Corruption = corruption,
        Config = Config(corruption),
        MaxSteps = steps,
        BatchSize = 16,
        LearningRate = 3e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
        Prediction = new GenerationOptions { MaxNewTokens = 14 },
    };

    /// <summary>A sentence a block, as short texts are best grouped.</summary>
    public static TokenBlockGroupingEstimator Group(MLContext ml) =>
        ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16, packing: BlockPacking.OneDocumentPerBlock);

    public static List<TextReconstructionPrediction> Read(MLContext ml, ITransformer model, params string[] texts) =>
        [.. ml.Data.CreateEnumerable<TextReconstructionPrediction>(model.Transform(Tiny.Rows(ml, texts)), reuseRowObject: false)];

    private static TransformerChain<TextReconstructionTransformer> Fit(DenoisingCorruption corruption)
    {
        var ml = new MLContext(seed: 5);
        var options = Options(corruption, steps: 700) with { EvaluationFraction = 0.2 };
        return Tiny.Tokens(ml).Append(Group(ml)).Append(ml.Transforms.Text.PretrainDenoising("Prediction", "Tokens", options)).Fit(SmallCorpus.Load(ml, copies: 2));
    }
}
