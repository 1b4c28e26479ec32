using Microsoft.ML;

namespace MlNetBert.Tests.Pretraining.Mlm;

public class MlmPretrainingEstimatorTests
{
    [Fact]
    public void Fit_SmallCorpus_LearnsAndFillsAndSavesAndLoads()
    {
        var ml = new MLContext(seed: 1);
        var data = SmallCorpus.Load(ml, copies: 4);
        var pipeline = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 200 })
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 32))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", new MlmOptions { Size = "tiny", Epochs = 10, EvaluationFraction = 0.1, BatchSize = 16, LearningRate = 2e-3 }));
        var model = pipeline.Fit(data);
        var history = model.LastTransformer.History;
        Assert.True(history.LastEvaluation!.EvaluationPerplexity < history.First(r => r.EvaluationPerplexity is not null).EvaluationPerplexity / 3);

        var rows = ml.Data.LoadFromEnumerable([new SmallCorpus.Row { Text = "The cat [MASK] near the [MASK]." }, new SmallCorpus.Row { Text = "No mask." }]);
        var filled = ml.Data.CreateEnumerable<FillMaskPrediction>(model.Transform(rows), reuseRowObject: false).ToList();
        Assert.Equal(10, filled[0].Tokens.Length);
        Assert.Empty(filled[1].Tokens);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(" ", filled[0].Tokens) + " " + string.Join(" ", filled[0].Scores) + " " + filled[0].Sequence);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        ml.Model.Save(model, data.Schema, path);
        var again = new MLContext().Model.Load(path, out _);
        var filledAgain = ml.Data.CreateEnumerable<FillMaskPrediction>(again.Transform(rows), reuseRowObject: false).ToList();
        Assert.Equal(filled[0].Tokens, filledAgain[0].Tokens);
        Assert.Equal(filled[0].Scores, filledAgain[0].Scores);
        File.Delete(path);
    }
}
