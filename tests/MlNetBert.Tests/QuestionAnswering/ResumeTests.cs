using Microsoft.ML;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.QuestionAnswering;

public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Fit_CancelledAndResumed_EndsWithTheSameBytes()
    {
        var whole = Fit(_directory.File("whole"), null);
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Fit(_directory.File("parts"), source));

        Assert.Equal(whole, Fit(_directory.File("parts"), null));
    }

    private static byte[] Fit(string checkpoints, CancellationTokenSource? cancellation)
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var options = Asked.Options() with
        {
            MaxSteps = 9,
            Dropout = 0.1,
            LogEveryNSteps = 1,
            SaveEveryNSteps = 4,
            EvaluationFraction = 0.2,
            CheckpointDirectory = checkpoints,
            Resume = true,
            Progress = cancellation is null ? null : Listener.AtLog(5, cancellation.Cancel),
            CancellationToken = cancellation?.Token ?? CancellationToken.None,
        };
        var ml = new MLContext(seed: 3);
        using var fitted = ml.MulticlassClassification.Trainers.QuestionAnswer(model, options: options).Fit(Asked.Load(ml, Asked.Rows));
        return Tiny.Weights(fitted);
    }
}
