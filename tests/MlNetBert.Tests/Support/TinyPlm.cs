using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;

namespace MlNetBert.Tests.Support;

/// <summary>A permuted model that has learned a little of <see cref="SmallCorpus"/>, fitted once for all tests that only read it.</summary>
internal static class TinyPlm
{
    private static readonly Lazy<TransformerChain<FillMaskTransformer>> LazyFitted = new(() =>
    {
        var ml = new MLContext(seed: 5);
        return Tiny.Tokens(ml).Append(Tiny.Group(ml))
            .Append(ml.Transforms.Text.PretrainPlm("Prediction", "Tokens", Options(steps: 300) with { EvaluationFraction = 0.2, LearningRate = 1e-2 }))
            .Fit(SmallCorpus.Load(ml));
    });

    /// <summary>A tokenizer, the grouping and an XLNet. Not to be disposed.</summary>
    public static TransformerChain<FillMaskTransformer> Fitted => LazyFitted.Value;

    /// <summary>More embeddings than any vocabulary here has pieces, as many a checkpoint has.</summary>
    public static ModelConfig Config { get; } =
        ModelArchitecture.XLNet.CreateConfig(new ModelSize("least", 1, 32, 2), vocabularySize: 256, maxPositions: 24, new ModelTokenIds(0, 2, 3)).WithDropout(0);

    public static PlmOptions Options(long steps = 2) => new()
    {
        Config = Config,
        MaxSteps = steps,
        BatchSize = 8,
        LearningRate = 3e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
    };

    public static List<FillMaskPrediction> Read(MLContext ml, ITransformer model, params string[] texts) =>
        [.. ml.Data.CreateEnumerable<FillMaskPrediction>(model.Transform(Tiny.Rows(ml, texts)), reuseRowObject: false)];
}
