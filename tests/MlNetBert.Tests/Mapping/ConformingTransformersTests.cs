using Microsoft.ML;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Mapping;

public sealed class EmbedTextConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Features"];

    protected override ITransformer Fit(PretrainedModel model) => Ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(Ml.Data.LoadFromEnumerable<Row>([]));
}

public sealed class EmbedTokensConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Token.Token", "Token.Vector", "Token.Start", "Token.End"];

    protected override ITransformer Fit(PretrainedModel model) => Ml.Transforms.Text.EmbedTokens("Token", "Text", model).Fit(Ml.Data.LoadFromEnumerable<Row>([]));
}

public sealed class FillMaskConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Prediction.Token", "Prediction.Score", "Prediction.Sequence"];

    protected override bool ReadsInParallel => true;

    protected override ITransformer Fit(PretrainedModel model) =>
        Ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(Ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16))
            .Append(Ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", model, new MlmOptions { MaxSteps = 1, BatchSize = 2, Threads = 1, Device = "cpu" }))
            .Fit(Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(Row.Of)));
}

public sealed class FillMaskOfTextsConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Prediction.Token", "Prediction.Score", "Prediction.Sequence"];

    protected override ITransformer Fit(PretrainedModel model) => Ml.Transforms.Text.FillMask("Prediction", "Text", model).Fit(Ml.Data.LoadFromEnumerable<Row>([]));
}

public sealed class TextGenerationConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Prediction.Text", "Prediction.Score", "Prediction.Perplexity"];

    protected override bool ReadsInParallel => true;

    protected override ITransformer Fit(PretrainedModel model) => TinyClm.Fitted;
}

public sealed class FillGapsConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Prediction.Token", "Prediction.Score", "Prediction.Sequence"];

    protected override bool ReadsInParallel => true;

    protected override ITransformer Fit(PretrainedModel model) => TinyPlm.Fitted;
}

public sealed class ReplacedTokenConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Prediction.Token", "Prediction.Replaced", "Prediction.Score"];

    protected override bool ReadsInParallel => true;

    protected override ITransformer Fit(PretrainedModel model) => TinyRtd.Fitted;
}

public sealed class TextReconstructionConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Prediction.Text", "Prediction.Score"];

    protected override bool ReadsInParallel => true;

    protected override ITransformer Fit(PretrainedModel model) => TinyDenoising.Fitted(DenoisingCorruption.SpanCorruption);
}

public sealed class TokenizeConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Tokens"];

    protected override bool ReadsInParallel => true;

    protected override ITransformer Fit(PretrainedModel model) => Ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Fit(Ml.Data.LoadFromEnumerable<Row>([]));
}

public sealed class GroupTokenBlocksConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Grouped"];

    protected override bool ReadsInParallel => true;

    protected override ITransformer Fit(PretrainedModel model) =>
        Ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", model).Append(Ml.Transforms.Text.GroupTokenBlocks("Grouped", "Tokens", blockLength: 16))
            .Fit(Ml.Data.LoadFromEnumerable<Row>([]));
}

public sealed class TextClassificationConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["PredictedLabel", "Score"];

    protected override bool ReadsInParallel => true; // the label is mapped to a key

    protected override ITransformer Fit(PretrainedModel model) =>
        Ml.Transforms.Conversion.MapValueToKey("Label", "Area")
            .Append(Ml.MulticlassClassification.Trainers.TextClassification(model, sentence1ColumnName: "Text", options: Labeled.Options(epochs: 5)))
            .Fit(Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(Row.Of)));
}

public sealed class SentenceSimilarityConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Score"];

    protected override ITransformer Fit(PretrainedModel model) =>
        Ml.Regression.Trainers.SentenceSimilarity(
            model, labelColumnName: "Grade", sentence1ColumnName: "Text", sentence2ColumnName: "Question", options: new SentenceSimilarityOptions { Epochs = 80, BatchSize = 8, LearningRate = 5e-3, Dropout = 0, Threads = 1, Device = "cpu", Precision = Precision.Float32 })
            .Fit(Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(Row.Of)));
}

public sealed class NamedEntityRecognitionConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["PredictedLabel", "Entities.Label", "Entities.Text", "Entities.Start", "Entities.End", "Entities.Score"];

    protected override ITransformer Fit(PretrainedModel model) =>
        Ml.MulticlassClassification.Trainers.NamedEntityRecognition(
            model, labelColumnName: "Tags", textColumnName: "Words", options: new NamedEntityRecognitionOptions { MaxSteps = 30, LearningRate = 3e-3, Threads = 1, Device = "cpu", Precision = Precision.Float32 })
            .Fit(Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(Row.Of)));
}

public sealed class QuestionAnswerConformanceTests : TransformerConformanceTests
{
    protected override string[] Outputs => ["Answer.Text", "Answer.Start", "Answer.Score"];

    protected override ITransformer Fit(PretrainedModel model) =>
        Ml.MulticlassClassification.Trainers.QuestionAnswer(
            model, contextColumnName: "Text", questionColumnName: "Question", trainingAnswerColumnName: "Given", answerIndexColumnName: "Place",
            options: new QuestionAnswerOptions { MaxSteps = 20, Threads = 1, Device = "cpu", Precision = Precision.Float32 })
            .Fit(Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(Row.Of)));
}
