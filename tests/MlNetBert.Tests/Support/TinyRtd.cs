using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models;

namespace MlNetBert.Tests.Support;

/// <summary>A replaced-token detector that has learned a little of <see cref="SmallCorpus"/>, fitted once for all tests that only read
/// it.</summary>
internal static class TinyRtd
{
    private static readonly Lazy<TransformerChain<ReplacedTokenTransformer>> LazyFitted = new(() =>
    {
        var ml = new MLContext(seed: 5);
        return Tiny.Tokens(ml).Append(Tiny.Group(ml)).Append(ml.Transforms.Text.PretrainRtd("Prediction", "Tokens", Options(steps: 250) with { EvaluationFraction = 0.2 })).Fit(SmallCorpus.Load(ml));
    });

    /// <summary>A tokenizer, the grouping and a detector with its generator. Not to be disposed.</summary>
    public static TransformerChain<ReplacedTokenTransformer> Fitted => LazyFitted.Value;

    public static ModelConfig Config(string architecture = "modernbert", int layers = 2) => ModelArchitecture.Get(architecture)
        .CreateConfig(new ModelSize("least", layers, 32, 2), vocabularySize: 256, maxPositions: 24, new ModelTokenIds(0, 2, 3)).WithDropout(0);

    public static RtdOptions Options(long steps = 2, string architecture = "modernbert") => new()
    {
        Config = Config(architecture),
        MaxSteps = steps,
        BatchSize = 8,
        LearningRate = 5e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
    };

    public static List<ReplacedTokenPrediction> Read(MLContext ml, ITransformer model, params string[] texts) =>
        [.. ml.Data.CreateEnumerable<ReplacedTokenPrediction>(model.Transform(Tiny.Rows(ml, texts)), reuseRowObject: false)];
}
