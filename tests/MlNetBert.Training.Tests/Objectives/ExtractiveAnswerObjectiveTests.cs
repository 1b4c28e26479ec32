using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Objectives;

public class ExtractiveAnswerObjectiveTests
{
    public static TheoryData<string> References => ReferenceNames.EndingWith("-question-answering");

    [Theory]
    [MemberData(nameof(References))]
    public void SummedLoss_OfTheReferencesScores_IsHuggingFaces(string name)
    {
        using var golden = new Golden<QuestionAnsweringModel>(name, ModelHead.QuestionAnswering);
        var windows = Windows(golden);
        using var logits = new SpanLogits(golden.Tensor("output.start_logits"), golden.Tensor("output.end_logits"));
        Assert.Equal(golden.Loss, ExtractiveAnswerObjective.SummedLoss(logits, null, windows).ReadSingle() / windows.Length, 1e-5);
    }

    [Theory]
    [MemberData(nameof(References))]
    public void ComputeLosses_OfPaddedWindows_IsThatOfTheReferencesScoresWithoutPadding(string name)
    {
        using var golden = new Golden<QuestionAnsweringModel>(name, ModelHead.QuestionAnswering);
        var windows = Windows(golden);
        var examples = golden.Examples(i => windows[i]);
        var objective = new ExtractiveAnswerObjective(golden.Model, examples);
        var (starts, ends) = (Rows(golden.Tensor("output.start_logits")), Rows(golden.Tensor("output.end_logits")));
        var expected = windows.Select((w, i) => (CrossEntropy(starts[i][..examples.Texts[i].Ids.Length], w.Start) + CrossEntropy(ends[i][..examples.Texts[i].Ids.Length], w.End)) / 2).ToArray();

        Assert.Equal(expected.Sum(), SumOf(objective, [.. Enumerable.Range(0, windows.Length).Select(i => (long)i)]), 1e-4);
        for (var i = 0; i < windows.Length; i++)
            Assert.Equal(expected[i], SumOf(objective, [i]), 1e-4);
    }

    [Fact]
    public void Split_ByQuestion_KeepsTheWindowsOfAQuestionTogether()
    {
        var examples = Labeled.Texts(24, i => new AnswerWindow(i / 3, "", 0, 0));
        var (training, evaluation) = examples.Split(0.25, window => window.Question);
        Assert.Equal((18, 6), (training.Count, evaluation.Count));
        Assert.Empty(training.Labels.Select(l => l.Question).Intersect(evaluation.Labels.Select(l => l.Question)));
    }

    private static AnswerWindow[] Windows(Golden<QuestionAnsweringModel> golden)
    {
        var starts = golden.Tensor("input.start_positions").data<long>().ToArray();
        var ends = golden.Tensor("input.end_positions").data<long>().ToArray();
        return [.. starts.Zip(ends, (start, end) => new AnswerWindow(0, "", (int)start, (int)end))];
    }

    private static float[][] Rows(Tensor values) => [.. values.data<float>().ToArray().Chunk((int)values.shape[1])];

    private static double CrossEntropy(float[] scores, int place) => Math.Log(scores.Sum(s => Math.Exp(s))) - scores[place];

    private static double SumOf(ExtractiveAnswerObjective objective, long[] examples)
    {
        objective.Model.eval();
        return TinyMlm.Loss(objective, objective.Prepare(examples, default));
    }
}
