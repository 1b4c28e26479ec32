using Microsoft.ML;
using MlNetBert;
using MlNetBert.Models;
using Stranger.BagOfEmbeddings;
using Stranger.Characters;
using Stranger.Support;

namespace Stranger;

/// <summary>A model of a stranger's is fine-tuned as any other.</summary>
public sealed class FineTuningTests(Trained trained)
{
    [Fact]
    public void TextClassification_OfItsModel_IsSavedAndOpenedAsAClassOfItsArchitecture()
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(Texts.Sentences.Select(text => new Labeled { Text = text, Label = text.Contains("house", StringComparison.Ordinal) ? "in" : "out" }));
        using var start = PretrainedModel.FromDirectory(trained.Model);
        var options = new TextClassificationOptions { MaxSteps = 60, LearningRate = 1e-2, Device = "cpu", Threads = 1 };
        var fitted = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.TextClassification(start, sentence1ColumnName: "Text", options: options)).Fit(rows);
        using (var model = PretrainedModel.FromTransformer(fitted))
            model.Save(trained.At("classifier"));

        using var opened = PretrainedModel.FromDirectory(trained.At("classifier"));

        Assert.Equal((ModelHead.SequenceClassifier, BagArchitecture.Name, CharacterModel.Name), (opened.Head, opened.Config.ModelType, opened.Tokenizer.ModelType));
        Assert.Equal(["BagForSequenceClassification"], opened.Config.Architectures);
        Assert.True(ml.MulticlassClassification.Evaluate(fitted.Transform(rows)).MicroAccuracy > 0.8);
        fitted.LastTransformer.Dispose();
    }

    private sealed class Labeled
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
