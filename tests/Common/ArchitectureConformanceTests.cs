using System.Text;
using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Tests.Common;

/// <summary>What every architecture keeps. A test class for an architecture derives from this one and names it. It uses what is public only.</summary>
public abstract class ArchitectureConformanceTests
{
    /// <summary>The architecture, which is registered.</summary>
    protected abstract ModelArchitecture Architecture { get; }

    /// <summary>A small configuration without dropout.</summary>
    protected virtual ModelConfig Config =>
        Architecture.CreateConfig(new ModelSize("test", 2, 32, 4), vocabularySize: 50, maxPositions: 16, new ModelTokenIds(0, 1, 2)).WithDropout(0);

    /// <summary>The head over the vocabulary that the architecture has.</summary>
    protected ModelHead VocabularyHead => Heads.First(head =>
        head is ModelHead.MaskedLanguageModel or ModelHead.CausalLanguageModel or ModelHead.PermutationLanguageModel or ModelHead.SequenceToSequence);

    /// <summary>Every model of the architecture.</summary>
    protected IEnumerable<ModelHead> Heads => Architecture.Classes.Select(entry => entry.Head);

    [Fact]
    public void Classes_OfTheArchitecture_AreFoundByNameAndHaveAHeadEach()
    {
        Assert.All(Architecture.Classes, entry => Assert.Same(entry, Architecture.FindClass(entry.Name)));
        Assert.Equal(Heads.Distinct().Count(), Architecture.Classes.Count);
        Assert.Null(Architecture.FindClass("NoSuchModel"));
    }

    [Fact]
    public void Create_EveryHead_HasItsNameAndTheSameWeightsForASeed()
    {
        foreach (var entry in Architecture.Classes)
        {
            using var one = Architecture.Create(entry.Head, Config, seed: 3);
            using var same = Architecture.Create(entry.Head, Config, seed: 3);
            using var other = Architecture.Create(entry.Head, Config, seed: 4);

            Assert.Equal(entry.Name, one.ClassName);
            Assert.True(AreSame(one, same), entry.Name);
            Assert.False(AreSame(one, other), entry.Name);
        }
    }

    [Fact]
    public void CheckpointWeights_OfEveryHead_CoverEveryParameterOnceUnderOneName()
    {
        foreach (var head in Heads)
        {
            using var model = Architecture.Create(head, Config, seed: 1);
            var weights = model.CheckpointWeights().ToList();

            Assert.Equal(weights.Count, weights.Select(weight => weight.Name).Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(
                model.parameters().Select(parameter => parameter.numel()).Order(),
                weights.GroupBy(weight => weight.Parameter, ReferenceEqualityComparer.Instance)
                    .Select(of => of.Sum(weight => weight.Shape.Aggregate(1L, (product, size) => product * size))).Order());
        }
    }

    [Fact]
    public void Load_OfWhatWasSaved_IsExactForEveryHead()
    {
        foreach (var head in Heads)
        {
            using var model = Architecture.Create(head, Config, seed: 1);
            using var saved = MemoryWeights.FromTensors(Weights.ToTensors(model));

            using var again = Architecture.Load(head, Config, saved, out var report, seed: 9);

            Assert.True(report.IsComplete, model.ClassName);
            Assert.True(AreSame(model, again), model.ClassName);
        }
    }

    [Fact]
    public void ReadConfig_OfWhatWasWritten_IsTheSame()
    {
        var written = Config with { Labels = ["A", "B", "C"], Architectures = ["Some"], Dtype = "float32" };
        var json = written.ToJson();
        json["a key of somebody else"] = 3;
        var read = ModelArchitecture.ReadConfig(Encoding.UTF8.GetBytes(json.ToJsonString()), "config.json");

        Assert.Equal(json.ToJsonString(), read.ToJson().ToJsonString());
        Assert.Equal(written.ToJsonString(), (read with { Source = null }).ToJsonString());
    }

    [Fact]
    public void Create_OfABackboneAlone_DrawsWhatItHasBelowAHead()
    {
        using var alone = Architecture.Create(ModelHead.Encoder, Config, seed: 3);
        using var below = Architecture.Create(VocabularyHead, Config, seed: 3);
        var report = Weights.Copy(below, alone);

        using var again = Architecture.Create(ModelHead.Encoder, Config, seed: 3);
        Assert.Empty(report.MissingInBackbone);
        Assert.True(AreSame(again, alone));
    }

    [Fact]
    public void TrainableParameters_OfEveryHead_HaveALevelEachFromTheEmbeddingsUp()
    {
        foreach (var head in Heads)
        {
            using var model = Architecture.Create(head, Config, seed: 1);
            var parameters = model.TrainableParameters();

            Assert.Equal(model.parameters().Count(), parameters.Count);
            Assert.Equal(parameters.Count, parameters.Select(parameter => parameter.Name).Distinct(StringComparer.Ordinal).Count());
            Assert.Subset(parameters.Select(parameter => parameter.Level).ToHashSet(), Enumerable.Range(0, Config.LayerCount + 1).ToHashSet());
            Assert.All(parameters, parameter => Assert.Equal(parameters.Max(p => p.Level), parameter.Level + parameter.LevelsAbove));
            Assert.All(parameters, parameter => Assert.Equal(parameter.Parameter.dim() > 1, parameter.Decays));
        }
    }

    [Fact]
    public void Forward_OfAPaddedBatch_GivesEachTextWhatItHasAlone()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        model.eval();
        var ids = Ids(2, 12);
        var mask = ones_like(ids);
        mask[1, 7..] = 0;

        var together = model.Backbone.forward(new(ids, mask)).LastHiddenState;
        var alone = model.Backbone.forward(new(ids[1..2, ..7])).LastHiddenState;

        Assert.True(together[1, ..7].sub(alone[0]).abs().max().item<float>() < 1e-5);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Backward_WithKernelsOrCheckpointing_GivesTheGradientsOfThePlainPass(bool kernels, bool checkpointing)
    {
        using var scope = NewDisposeScope();
        using var plain = Architecture.Create(VocabularyHead, Config, seed: 1);
        using var other = Architecture.Create(VocabularyHead, Config, seed: 1);
        (other.TrainsWithKernels, other.ActivationCheckpointing) = (kernels, checkpointing);

        foreach (var model in new[] { plain, other })
        {
            model.train();
            model.Backward(LossSum(model));
        }

        foreach (var (expected, found) in plain.named_parameters().Zip(other.named_parameters()))
        {
            var (one, two) = (Gradient(expected.parameter), Gradient(found.parameter));
            Assert.True(one.sub(two).abs().max().item<float>() <= 1e-4 * Math.Max(1, one.abs().max().item<float>()), expected.name);
        }
    }

    [Fact]
    public void SeedDropout_EqualSeeds_GiveEqualPasses()
    {
        using var scope = NewDisposeScope();
        using var model = Architecture.Create(ModelHead.Encoder, Config.WithDropout(0.3), seed: 1);
        model.train();

        Assert.True(Pass(5).equal(Pass(5)).all().item<bool>());
        Assert.False(Pass(5).equal(Pass(6)).all().item<bool>());

        Tensor Pass(long seed)
        {
            model.SeedDropout(seed);
            return model.Backbone.forward(new(Ids(2, 12))).LastHiddenState;
        }
    }

    /// <summary>Ids that are no special tokens.</summary>
    protected static Tensor Ids(int texts, int length) =>
        arange(texts * length, ScalarType.Int64).mul(7).remainder(40).add(5).view(texts, length);

    /// <summary>A loss of a model with the head over the vocabulary, to go back from.</summary>
    protected virtual Tensor LossSum(LanguageModelModule model)
    {
        var ids = Ids(2, 12);
        return ((VocabularyModel)model).Head.LossSum(model.Backbone.forward(new(ids)).LastHiddenState.flatten(0, 1), ids.flatten());
    }

    private static Tensor Gradient(TorchSharp.Modules.Parameter parameter) => parameter.grad ?? zeros_like(parameter);

    private static bool AreSame(LanguageModelModule one, LanguageModelModule other)
    {
        using var scope = NewDisposeScope();
        return one.CheckpointWeights().Zip(other.CheckpointWeights()).All(pair => pair.First.Slice().equal(pair.Second.Slice()).all().item<bool>());
    }
}
