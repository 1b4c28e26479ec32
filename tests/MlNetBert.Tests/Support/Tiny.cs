using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Models.Bert;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Support;

/// <summary>The smallest pipelines, and one that is fitted once for all tests that only read it.</summary>
internal static class Tiny
{
    public const int BlockLength = 16;

    private static readonly Lazy<TransformerChain<FillMaskTransformer>> LazyFitted = new(() =>
    {
        var ml = new MLContext(seed: 5);
        return Tokens(ml).Append(Group(ml)).Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Options(steps: 60, evaluationShare: 0.2))).Fit(SmallCorpus.Load(ml));
    });

    /// <summary>A tokenizer, the grouping and a BERT that has learnt a little. Not to be disposed.</summary>
    public static TransformerChain<FillMaskTransformer> Fitted => LazyFitted.Value;

    public static SubwordTokenizer Tokenizer => Fitted.LastTransformer.Model.Tokenizer;

    /// <summary>More embeddings than any vocabulary here has pieces, as many a checkpoint has.</summary>
    public static ModelConfig Config { get; } = new BertConfig
    {
        VocabularySize = 256,
        HiddenSize = 32,
        LayerCount = 1,
        HeadCount = 2,
        IntermediateSize = 64,
        MaxPositions = 24,
    };

    public static MlmOptions Options(long steps = 2, double evaluationShare = 0, IDataView? evaluationData = null) => new()
    {
        Config = Config,
        MaxSteps = steps,
        BatchSize = 8,
        LearningRate = 3e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
        EvaluationFraction = evaluationShare,
        EvaluationData = evaluationData,
    };

    public static IEstimator<ITransformer> Learn(MLContext ml) => ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 150 });

    public static EstimatorChain<SubwordTokenizingTransformer> Tokens(MLContext ml) =>
        new EstimatorChain<SubwordTokenizingTransformer>()
            .Append(ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 150 }));

    public static TokenBlockGroupingEstimator Group(MLContext ml) => ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: BlockLength);

    public static IDataView Rows(MLContext ml, params string[] texts) => ml.Data.LoadFromEnumerable(texts.Select(t => new SmallCorpus.Row { Text = t }));

    /// <summary>A copy of a model's weights, to hold against another's.</summary>
    public static byte[] Weights(ITransformer fitted)
    {
        using var directory = new TemporaryDirectory();
        using var model = PretrainedModel.FromTransformer(fitted);
        model.Save(Path.Combine(directory.Path, "model"));
        return File.ReadAllBytes(Path.Combine(directory.Path, "model", "model.safetensors"));
    }

    /// <summary>The transformer as it comes back from ML.NET's zip.</summary>
    public static T Reload<T>(MLContext ml, ITransformer fitted, DataViewSchema schema)
        where T : ITransformer
    {
        using var stream = new MemoryStream();
        ml.Model.Save(fitted, schema, stream);
        stream.Position = 0;
        return (T)ml.Model.Load(stream, out _);
    }

    public static List<FillMaskPrediction> Fill(MLContext ml, ITransformer model, params string[] texts) =>
        [.. ml.Data.CreateEnumerable<FillMaskPrediction>(model.Transform(Rows(ml, texts)), reuseRowObject: false)];
}
