using MlNetBert.Models;
using MlNetBert.Pretraining;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Pretraining;

public class PretrainingTaskTests
{
    [Fact]
    public void Serves_OfAModelOfAnotherHeadOrNone_IsFalse()
    {
        using var trained = PretrainedModel.FromTransformer(Tiny.Fitted);
        using var encoder = PretrainedModel.Create(Tiny.Config, Tiny.Tokenizer);

        Assert.True(PretrainingTask.Default.Serves(trained));
        Assert.False(PretrainingTask.Default.Serves(encoder));
        Assert.True(new NamedTask("masked").Serves(trained));
        Assert.False(new NamedTask("classes", ModelHead.SequenceClassifier).Serves(trained));
    }

    [Fact]
    public void FindFaults_OfAnObjectivesOwnOptions_AreToldWithTheCommonOnes()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new CorpusPretraining(new CorpusPretrainingOptions
        {
            TrainingFiles = ["text.txt"],
            OutputDirectory = "out",
            Training = new FaultyOptions { MaxPositions = 1 },
        }));

        Assert.Equal(2, exception.Errors.Count);
        Assert.Contains("MaxPositions must be at least 3, but is 1", exception.Errors);
        Assert.Contains("Rate must be above 0, but is 0", exception.Errors);
    }

    [Fact]
    public void ArgumentOf_AValueThatTheShellCannotGive_IsRefused() =>
        Assert.Throws<ArgumentException>(() => PretrainingArgument.Of<MlmOptions, DateTime>("--when", "TIME", "A time.", (options, _) => options));

    private sealed record FaultyOptions : PretrainingOptions
    {
        protected internal override PretrainingTask Task => new NamedTask("faulty");

        protected override IEnumerable<string> FindFaults() => ["Rate must be above 0, but is 0"];
    }

    private sealed class NamedTask(string name, ModelHead head = ModelHead.MaskedLanguageModel) : PretrainingTask
    {
        public override string Name => name;

        public override string Description => name;

        public override ModelHead Head => head;

        public override PretrainingCardTexts Card { get; } = new("A model", "tag", "token", "usage");

        public override PretrainingOptions CreateOptions() => new FaultyOptions();

        public override Training.Objectives.Objective CreateObjective(TorchSharp.torch.nn.Module model, PretrainingData data) => PretrainingTask.Default.CreateObjective(model, data);
    }
}
