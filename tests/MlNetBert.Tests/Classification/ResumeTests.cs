using System.Runtime.InteropServices;
using Microsoft.ML;
using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;
using MlNetBert.Training.Checkpoints;

namespace MlNetBert.Tests.Classification;

public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Fit_CancelledAndResumed_EndsWithTheSameBytes(int cancelledAfter)
    {
        var whole = Fit(_directory.File("whole"));
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Fit(_directory.File("parts"), source, cancelledAfter));

        Assert.Equal(whole, Fit(_directory.File("parts")));
    }

    [Fact]
    public void Fit_WithCheckpoints_WritesHuggingFaceDirectoriesOfTheClassifier()
    {
        Fit(_directory.File("run"));
        using var opened = PretrainedModel.FromDirectory(new CheckpointStore(Assert.Single(Directory.GetDirectories(_directory.File("run")))).FindNewest()!);
        Assert.Equal(ModelHead.SequenceClassifier, opened.Head);
        Assert.Equal(3, opened.Config.Labels.Count);
        Assert.True(opened.LoadReport!.IsComplete);
    }

    [Fact]
    public void Fit_WithOtherClassWeights_NamesTheDifference()
    {
        Fit(_directory.File("run"));
        var exception = Assert.Throws<CheckpointException>(() => Fit(_directory.File("run"), balance: true));
        Assert.Contains("class weights was none and is balanced", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_WithActivationCheckpointing_GivesTheSameBytes() => Assert.Equal(Fit(null), Fit(null, recompute: true));

    [Fact]
    public void Fit_InMicroBatches_ChangesNothingButTheLastBits()
    {
        var (whole, parts) = (Fit(null), Fit(null, microBatch: 3));
        var far = Values(whole).Zip(Values(parts)).Count(p => Math.Abs(p.First - p.Second) > 1e-2);
        Assert.Equal(Values(whole).Length, Values(parts).Length);
        Assert.Equal(0, far);
    }

    /// <summary>The values of a safetensors file, behind its header.</summary>
    private static float[] Values(byte[] file) => MemoryMarshal.Cast<byte, float>(file.AsSpan(8 + (int)BitConverter.ToInt64(file))).ToArray();

    private static byte[] Fit(string? checkpoints, CancellationTokenSource? cancellation = null, int cancelledAfter = 0, bool balance = false, int? microBatch = null, bool recompute = false)
    {
        var ml = new MLContext(seed: 3);
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var options = Labeled.Options() with
        {
            MaxSteps = 9,
            Dropout = microBatch is null && checkpoints is not null ? 0.1 : 0,
            LearningRate = 1e-3,
            LogEveryNSteps = 1,
            SaveEveryNSteps = checkpoints is null ? null : 4,
            EvaluationFraction = 0.2,
            BalanceClasses = balance,
            MicroBatchSize = microBatch,
            ActivationCheckpointing = recompute,
            CheckpointDirectory = checkpoints,
            Resume = checkpoints is not null,
            Progress = cancellation is null ? null : Listener.AtLog(cancelledAfter, cancellation.Cancel),
            CancellationToken = cancellation?.Token ?? CancellationToken.None,
        };
        using var fitted = Labeled.Pipeline(ml, model, options).Fit(Labeled.Load(ml));
        return Tiny.Weights(fitted);
    }
}
