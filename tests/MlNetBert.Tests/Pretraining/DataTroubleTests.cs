using Microsoft.ML;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining;

public sealed class DataTroubleTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData("Zwölf Boxkämpfer jagen Viktor quer über the cat", true, "unknown")]
    [InlineData("The cat sits near the river.", true, "repetitions")]
    [InlineData("", false, "unknown")]
    [InlineData("", false, "repetitions")]
    public void Fit_WorthlessData_WarnsInTheLogOfMlNet(string text, bool repeated, string expected)
    {
        var vocabulary = _directory.File("vocab.txt");
        File.WriteAllLines(vocabulary, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. SmallCorpus.Sentences.SelectMany(s => s.ToLowerInvariant().TrimEnd('.').Split(' ')).Distinct(), "."]);
        var ml = new MLContext(seed: 1);
        var warnings = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        var rows = repeated ? Tiny.Rows(ml, [.. Enumerable.Repeat(text, 100)]) : SmallCorpus.Load(ml);

        ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularyFile = vocabulary })
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 8))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options(steps: 1))).Fit(rows);

        Assert.Equal(repeated, warnings.Any(w => w.Contains(expected, StringComparison.Ordinal)));
    }

    [Fact]
    public void Fit_NothingThatCanBeMasked_IsRefused()
    {
        var vocabulary = _directory.File("vocab.txt");
        File.WriteAllLines(vocabulary, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat"]);
        var ml = new MLContext(seed: 1);
        var unknown = Tiny.Rows(ml, [.. Enumerable.Repeat("Zwölf Boxkämpfer jagen Viktor", 20)]);
        var tokens = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularyFile = vocabulary })
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 8));
        var options = Tiny.Options(steps: 1);

        var refused = Assert.Throws<InvalidDataException>(() => tokens.Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options)).Fit(unknown));
        Assert.Contains("The data to train on have no token that can be masked", refused.Message, StringComparison.Ordinal);

        var known = Tiny.Rows(ml, [.. Enumerable.Repeat("cat cat cat cat", 20)]);
        refused = Assert.Throws<InvalidDataException>(() => tokens.Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options with { EvaluationData = unknown })).Fit(known));
        Assert.Contains("The data to evaluate on", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointDirectoryIsAFile_IsRefusedBeforeTheRowsAreRead()
    {
        var ml = new MLContext(seed: 1);
        var file = _directory.File("file");
        File.WriteAllText(file, "");
        var fitted = Tiny.Tokens(ml).Fit(SmallCorpus.Load(ml));
        var read = false;
        var rows = ml.Data.LoadFromEnumerable(Rows());

        Assert.Throws<CheckpointException>(() => ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options(steps: 1) with { CheckpointDirectory = file }).Fit(fitted.Transform(rows)));
        Assert.False(read);

        IEnumerable<SmallCorpus.Row> Rows()
        {
            read = true;
            yield return new SmallCorpus.Row { Text = "The cat sits near the river." };
        }
    }

    [Fact]
    public void ToDataFrame_History_HasAColumnForEachPropertyAndNullsForTheOtherKind()
    {
        var ml = new MLContext(seed: 1);
        var fitted = Tiny.Tokens(ml).Append(Tiny.Group(ml)).Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", Tiny.Options(steps: 2, evaluationShare: 0.2))).Fit(SmallCorpus.Load(ml));
        var history = fitted.LastTransformer.History;

        var frame = history.ToDataFrame();

        Assert.Equal(typeof(TrainingHistoryRow).GetProperties().Select(p => p.Name).Where(n => n is not "EqualityContract" and not nameof(TrainingHistoryRow.Metrics)), frame.Columns.Select(c => c.Name));
        Assert.Equal(history.Count, frame.Rows.Count);
        for (var row = 0; row < history.Count; row++)
        {
            Assert.Equal(history[row].Step, frame["Step"][row]);
            Assert.Equal(history[row].TrainingLoss, frame["TrainingLoss"][row]);
            Assert.Equal(history[row].EvaluationLoss, frame["EvaluationLoss"][row]);
        }

        Assert.Contains(history, row => row.EvaluationLoss is null);
        Assert.Contains(history, row => row.TrainingLoss is null);
    }

    public void Dispose() => _directory.Dispose();
}
