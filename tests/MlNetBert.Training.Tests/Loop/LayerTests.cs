using MlNetBert.Models;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Loop;

public class LayerTests
{
    /// <summary>Every architecture, with no layer frozen and with one; of ALBERT's there is one, which runs as often as the model has layers.</summary>
    public static TheoryData<string, int> FrozenLayers => [.. from row in OwnArchitectures.Encoders from frozen in new[] { 0, 1 } select (row.Data, frozen)];

    [Theory]
    [InlineData("bert", "encoder.embeddings.words", 0)]
    [InlineData("bert", "encoder.embeddings.norm", 0)]
    [InlineData("bert", "layers.0.", 1)]
    [InlineData("bert", "layers.1.", 2)]
    [InlineData("bert", "head", 3)]
    [InlineData("modernbert", "encoder.words", 0)]
    [InlineData("modernbert", "encoder.embeddingNorm", 0)]
    [InlineData("modernbert", "layers.0.", 1)]
    [InlineData("mpnet", "layers.0.", 1)]
    [InlineData("deberta-v2", "layers.0.", 1)]
    [InlineData("roberta", "encoder.embeddings.positions", 0)]
    [InlineData("distilbert", "layers.0.", 1)]
    [InlineData("electra", "layers.1.", 2)]
    [InlineData("modernbert", "layers.1.", 2)]
    [InlineData("mpnet", "layers.1.", 2)]
    [InlineData("deberta-v2", "layers.1.", 2)]
    [InlineData("modernbert", "finalNorm", 3)]
    [InlineData("modernbert", "head", 3)]
    public void TrainableParameters_RealModel_CountLevelsFromBelow(string architecture, string part, int expected)
    {
        using var model = Model(architecture);
        var found = model.TrainableParameters().Where(p => p.Name.Contains(part, StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(found);
        Assert.All(found, p => Assert.Equal((expected, 3 - expected), (p.Level, p.LevelsAbove)));
    }

    [Fact]
    public void Run_LayerDecay_MovesEachLayerByItsShare()
    {
        using var model = Model("bert");
        var before = TinyMlm.Weights(model);

        // The first update of Adam moves every weight with a gradient by the learning rate, whatever the gradient.
        Step(model, new TestOptions { MaxSteps = 1, LearningRate = 1e-2, LayerwiseLearningRateDecay = 0.5, WeightDecay = 0, Epsilon = 1e-20, LearningRateSchedule = LearningRateSchedule.Constant });

        var after = TinyMlm.Weights(model);
        foreach (var (name, level) in model.TrainableParameters().Select(p => (p.Name, p.Level)))
        {
            var moved = before[name].Zip(after[name], (a, b) => Math.Abs(a - b)).Max();
            Assert.True(Math.Abs(moved - (1e-2 * Math.Pow(0.5, 3 - level))) < 1e-4, $"{name} on level {level} moved by {moved}");
        }
    }

    [Theory]
    [MemberData(nameof(FrozenLayers))]
    public void Run_FrozenLayers_StayBitForBitAndAreFreedAfterwards(string architecture, int frozen)
    {
        using var model = Model(architecture);
        var before = TinyMlm.Weights(model);

        Step(model, new TestOptions { MaxSteps = 3, LearningRate = 1e-2, FreezeEmbeddings = true, FrozenLayerCount = frozen });

        var after = TinyMlm.Weights(model);
        foreach (var (name, level) in model.TrainableParameters().Select(p => (p.Name, p.Level)))
            Assert.True(level <= frozen == before[name].SequenceEqual(after[name]), $"{name} on level {level}");
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void Run_FrozenLayersBesideASmallerModel_LeaveItsHead()
    {
        using var models = TinyRtd.Models("modernbert");
        var parameters = LanguageModelModule.TrainableParametersOf(models);
        var before = parameters.ToDictionary(p => p.Name, p => Values(p), StringComparer.Ordinal);

        TestRun.Loop(TinyRtd.Objective(models, TinyMlm.Blocks(20)), null, new TestOptions { MaxSteps = 2, LearningRate = 1e-2, FrozenLayerCount = 2 }, TestRun.Defaults).Run(TestContext.Current.CancellationToken);

        Assert.Contains(parameters, p => p is { Level: <= 2, LevelsAbove: 0 });
        Assert.All(parameters, p => Assert.True(p is { Level: <= 2, LevelsAbove: > 0 } == before[p.Name].SequenceEqual(Values(p)), $"{p.Name} on level {p.Level}"));

        static float[] Values(ModelParameter parameter) => parameter.Parameter.detach().data<float>().ToArray();
    }

    [Fact]
    public void Run_EverythingFrozen_IsRefused()
    {
        using var model = Model("bert");

        var exception = Assert.Throws<InvalidOptionsException>(() => Step(model, new TestOptions { MaxSteps = 1, FrozenLayerCount = 9 }));

        Assert.Contains("the model has 2 layers", exception.Message, StringComparison.Ordinal);
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void Run_EverythingFrozenOfLayersThatShareWeights_SaysThatTheyDo()
    {
        using var model = Model("albert");

        var exception = Assert.Throws<InvalidOptionsException>(() => Step(model, new TestOptions { MaxSteps = 1, FrozenLayerCount = 2 }));

        var expected = $"the model has {model.Config.LayerCount} layers, which share the weights of 1";
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static MaskedLanguageModel Model(string architecture) => architecture == "bert"
        ? TinyMlm.Model(layers: 2)
        : (MaskedLanguageModel)ModelArchitecture.Get(architecture).Create(ModelHead.MaskedLanguageModel, ModelArchitecture.Get(architecture).CreateConfig(ModelSize.Parse("tiny"), 45, 16, new ModelTokenIds(0, 2, 3)), 3);

    private static void Step(MaskedLanguageModel model, TestOptions options) =>
        TestRun.Loop(new MlmObjective(model, TinyMlm.Blocks(20), TinyMlm.Masking()), null, options, TestRun.Defaults).Run(TestContext.Current.CancellationToken);
}
