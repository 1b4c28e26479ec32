using MlNetBert.Evaluation;
using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Pretraining;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Evaluation;

public class PretrainingEvaluatorTests
{
    private static readonly PretrainingEvaluationOptions Short = new() { BlockLength = Tiny.BlockLength };

    [Fact]
    public void Evaluate_WithoutAnObjective_TakesTheOneThatTheModelWasTrainedFor()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var evaluator = new PretrainingEvaluator(model, Short);

        Assert.Same(PretrainingTask.Get("mlm"), evaluator.Task);
        var result = evaluator.Evaluate(SmallCorpus.Sentences, TestContext.Current.CancellationToken);
        Assert.Equal(Math.Exp(result.Loss), result.Perplexity!.Value, 1e-9);
        Assert.Equal(result, new PretrainingEvaluator(model, Short, PretrainingTask.Get("mlm")).Evaluate(SmallCorpus.Sentences, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Evaluate_OfADenoiserWhoseSentinelsHaveNoNames_MeasuresWhatOneWithNamesGives()
    {
        using var directory = new TemporaryDirectory();
        var fitted = TinyDenoising.Fitted(DenoisingCorruption.SpanCorruption);
        using (var named = PretrainedModel.FromTransformer(fitted))
        {
            named.Save(directory.Path);
            foreach (var (name, bytes) in ((SubwordTokenizingTransformer)fitted.First()).Tokenizer.ToFiles())
                File.WriteAllBytes(directory.File(name), bytes);
            using var nameless = PretrainedModel.FromDirectory(directory.Path);

            Assert.True(nameless.Tokenizer.Vocabulary.Count < named.Tokenizer.Vocabulary.Count);
            Assert.Equal(Loss(named), Loss(nameless));
        }

        static double Loss(PretrainedModel model) =>
            new PretrainingEvaluator(model, Short).Evaluate(SmallCorpus.Sentences, TestContext.Current.CancellationToken).Loss;
    }

    [Fact]
    public void Create_ForAModelWithoutTheHead_SaysWhatIsNeededAndWhatThereIs()
    {
        using var encoder = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer);

        var byDefault = Assert.Throws<InvalidOperationException>(() => new PretrainingEvaluator(encoder));
        var named = Assert.Throws<InvalidOperationException>(() => new PretrainingEvaluator(encoder, task: TwinTask.Instance));

        Assert.Contains("An evaluation needs the head of a masked language model", byDefault.Message, StringComparison.Ordinal);
        Assert.Contains($"'{TwinTask.Instance.Name}' needs a model with the head {ModelHead.MaskedLanguageModel}", named.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EvaluateStored_ByAnObjectiveWithoutAFormat_IsRefused()
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);

        var exception = Assert.Throws<NotSupportedException>(
            () => new PretrainingEvaluator(model, Short, TwinTask.Instance).EvaluateStored("masked.safetensors", TestContext.Current.CancellationToken));

        Assert.Contains($"'{TwinTask.Instance.Name}'", exception.Message, StringComparison.Ordinal);
    }
}
