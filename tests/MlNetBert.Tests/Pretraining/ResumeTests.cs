using Microsoft.ML;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Tests.Pretraining;

public sealed class ResumeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("resume-test-").FullName;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(11)]
    public void Fit_CancelledAndResumed_EndsWithTheSameBytes(int cancelledAfter)
    {
        var whole = Fit(Path.Combine(_directory, "whole"));
        using var source = new CancellationTokenSource();
        var parts = Path.Combine(_directory, "parts");
        Assert.Throws<OperationCanceledException>(() => Fit(parts, source, cancelledAfter));
        Assert.Equal([cancelledAfter, .. Enumerable.Range(0, 2).Select(i => (cancelledAfter - 1) / 5 * 5 - (5 * i)).Where(s => s > 0 && s != cancelledAfter).Take(1)], new CheckpointStore(Assert.Single(Directory.GetDirectories(parts))).Steps);

        var resumed = Fit(parts);

        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void Fit_OtherSettings_NamesTheDifference()
    {
        Fit(_directory);
        var exception = Assert.Throws<CheckpointException>(() => Fit(_directory, learningRate: 2e-3));
        Assert.Contains("learning rate was 0.001 and is 0.002", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OtherRowsInTheSameDirectory_HaveAFolderOfTheirOwn()
    {
        var checkpoints = Path.Combine(_directory, "folds");
        Fit(checkpoints);
        var first = Assert.Single(Directory.GetDirectories(checkpoints));
        Fit(checkpoints, rows: 50);

        var folders = Directory.GetDirectories(checkpoints);
        Assert.Equal(2, folders.Length);
        Assert.All(folders, folder => Assert.StartsWith("rows-", Path.GetFileName(folder), StringComparison.Ordinal));
        Assert.All(folders, folder => Assert.Equal(12, new CheckpointStore(folder).Steps[0]));
        var written = Directory.GetLastWriteTimeUtc(Path.Combine(first, "step-12"));
        Fit(checkpoints); // finds its own
        Assert.Equal(written, Directory.GetLastWriteTimeUtc(Path.Combine(first, "step-12")));
        Assert.Equal(2, Directory.GetDirectories(checkpoints).Length);
    }

    [Fact]
    public void Fit_TwiceWithoutResume_IsRefused()
    {
        Fit(Path.Combine(_directory, "twice"), resume: false);

        var exception = Assert.Throws<CheckpointException>(() => Fit(Path.Combine(_directory, "twice"), resume: false));

        Assert.Contains("expected no checkpoint for a new run", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_CheckpointsOfAnEarlierBuild_AreGoneOnFrom()
    {
        var checkpoints = Path.Combine(_directory, "earlier");
        var whole = Fit(checkpoints);
        var folder = Assert.Single(Directory.GetDirectories(checkpoints));
        foreach (var step in Directory.GetDirectories(folder, "step-*"))
            Directory.Move(step, Path.Combine(checkpoints, Path.GetFileName(step)));
        Directory.Delete(folder, recursive: true);

        Assert.Equal(whole, Fit(checkpoints));

        Assert.DoesNotContain(Directory.GetDirectories(checkpoints), path => Path.GetFileName(path).StartsWith("rows-", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private byte[] Fit(string checkpoints, CancellationTokenSource? cancellation = null, int cancelledAfter = 0, double learningRate = 1e-3, int? rows = null, bool resume = true)
    {
        var ml = new MLContext(seed: 3);
        var options = new MlmOptions
        {
            Architecture = "bert",
            Size = "tiny",
            MaxSteps = 12,
            BatchSize = 4,
            LearningRate = learningRate,
            LogEveryNSteps = 1,
            SaveEveryNSteps = 5,
            Threads = 1,
            CheckpointDirectory = checkpoints,
            Resume = resume,
            Progress = cancellation is null ? null : Listener.AtLog(cancelledAfter, cancellation.Cancel),
            CancellationToken = cancellation?.Token ?? CancellationToken.None,
        };
        var model = ml.Transforms.Text.TokenizeIntoWordPieces("Tokens", "Text", new WordPieceTokenizingOptions { VocabularySize = 150 })
            .Append(ml.Transforms.Text.GroupTokenBlocks("Tokens", blockLength: 16))
            .Append(ml.Transforms.Text.PretrainMlm("Prediction", "Tokens", options))
            .Fit(rows is { } some ? ml.Data.TakeRows(SmallCorpus.Load(ml), some) : SmallCorpus.Load(ml));
        var saved = Path.Combine(_directory, "saved");
        using var pretrained = PretrainedModel.FromTransformer(model);
        pretrained.Save(saved);
        return File.ReadAllBytes(Path.Combine(saved, "model.safetensors"));
    }
}
