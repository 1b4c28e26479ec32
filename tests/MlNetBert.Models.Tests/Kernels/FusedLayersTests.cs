using MlNetBert.Models.Albert;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.DebertaV2;
using MlNetBert.Models.Falcon;
using MlNetBert.Models.Gpt;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Llama;
using MlNetBert.Models.ModernBert;
using MlNetBert.Models.MPNet;
using MlNetBert.Models.XLNet;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Kernels;

/// <summary>Layers with kernels between their products: on a processor by themselves, on a GPU as a model takes them.</summary>
[Collection(nameof(FusedLayersTests))]
[CollectionDefinition(nameof(FusedLayersTests), DisableParallelization = true)]
public sealed class FusedLayersTests
{
    private const int Words = 200;
    private const int Length = 29;

    private static readonly RotaryTable Angles = new(10_000, 32, Length);

    /// <summary>Every architecture with dropout of hidden states and of attention's weights, and without either.</summary>
    public static TheoryData<string, double, double> Dropouts =>
        [.. from row in OwnArchitectures.OfOneStack from hidden in new[] { 0, 0.2 } from attention in new[] { 0, 0.3 } select (row.Data, hidden, attention)];

    /// <summary>What attention does not see.</summary>
    public enum Masking
    {
        /// <summary>All is seen.</summary>
        None,

        /// <summary>Padding.</summary>
        Padding,

        /// <summary>Padding, and what is far.</summary>
        Local,
    }

    [Theory]
    [InlineData(PlaceKind.Warps, "bert", 128, 0.0)]
    [InlineData(PlaceKind.Warps, "bert", 128, 0.2)]
    [InlineData(PlaceKind.Warps, "modernbert", 128, 0.0)]
    [InlineData(PlaceKind.Warps, "modernbert", 85, 0.0)] // filled up to 128
    [InlineData(PlaceKind.Vectors, "bert", 128, 0.2)]
    [InlineData(PlaceKind.LongVectors, "bert", 128, 0.2)]
    [InlineData(PlaceKind.Vectors, "modernbert", 85, 0.0)]
    [InlineData(PlaceKind.Vectors, "bert", 128, 0.2, Masking.Padding, true)]
    [InlineData(PlaceKind.Vectors, "modernbert", 85, 0.0, Masking.Local)]
    [InlineData(PlaceKind.WideVectors, "bert", 128, 0.2)]
    [InlineData(PlaceKind.WideVectors, "bert", 128, 0.0, Masking.Padding)]
    [InlineData(PlaceKind.WideVectors, "modernbert", 85, 0.0)]
    [InlineData(PlaceKind.WideVectors, "modernbert", 85, 0.0, Masking.Local, true)]
    [InlineData(PlaceKind.LongWideVectors, "bert", 128, 0.2, Masking.Padding)]
    [InlineData(PlaceKind.LongWideVectors, "modernbert", 85, 0.0, Masking.Local)]
    [InlineData(PlaceKind.Warps, "bert", 128, 0.2, Masking.Padding, true)]
    [InlineData(PlaceKind.Warps, "modernbert", 85, 0.0, Masking.Local, true)]
    [InlineData(PlaceKind.Warps, "albert", 128, 0.0)] // both layers share their weights
    [InlineData(PlaceKind.Vectors, "albert", 128, 0.0, Masking.Padding, true)]
    [InlineData(PlaceKind.WideVectors, "albert", 128, 0.0, Masking.Padding)]
    [InlineData(PlaceKind.WideVectors, "albert", 128, 0.0, Masking.Padding, true)]
    [InlineData(PlaceKind.Gpu, "bert", 128, 0.0)]
    [InlineData(PlaceKind.Gpu, "modernbert", 128, 0.0)]
    [InlineData(PlaceKind.Gpu, "modernbert", 85, 0.0)]
    public void TryBackward_OfABatch_GivesTheGradientsOfPlainLayers(PlaceKind kind, string architecture, int inner, double dropout, Masking masking = Masking.None, bool isRecomputed = false)
    {
        using var place = new KernelPlace(kind);
        using var scope = NewDisposeScope();
        using var plainModel = Model(architecture, dropout, inner);
        using var fusedModel = Model(architecture, dropout, inner);
        var (plain, fused) = (plainModel.Backbone, fusedModel.Backbone);
        var (start, weights) = (Numbers.Normal(1, 3, Length, 64), Numbers.Normal(2, 3, Length, 64));
        var (plainStart, fusedStart) = (start.clone().requires_grad_(), start.to(place.Device, copy: true).requires_grad_());
        fused.MoveTo(place.Device);
        fused.ActivationCheckpointing = isRecomputed;
        var padding = masking == Masking.None ? null : arange(Length).unsqueeze(0).lt(tensor(new long[] { Length, Length - 3, Length - 1 }).unsqueeze(1)).to(ScalarType.Int64);
        var mask = masking == Masking.Local ? AttentionMask.Local(padding, Length, 5, CPU, ScalarType.Float32) : AttentionMask.FromPadding(padding, ScalarType.Float32);

        // The layers alone: what is before them is the same code.
        RunPlain(plain, plainStart, mask).mul(weights).sum().backward();
        using var pass = RunFused(fused, fusedStart, place, mask);
        pass.TakeOutput().mul(weights.to(place.Device)).sum().backward();
        Assert.True(pass.TryBackward());

        AssertNear("input", plainStart.grad!, fusedStart.grad!, place);
        Assert.All(plain.named_parameters().Zip(fused.named_parameters()).Where(pair => pair.First.parameter.grad is not null), pair => AssertNear(pair.First.name, pair.First.parameter.grad!, pair.Second.parameter.grad!, place));
        Assert.Equal(plain.parameters().Count(parameter => parameter.grad is not null), fused.parameters().Count(parameter => parameter.grad is not null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_LayersThatShareTheirWeights_GivesTheGradientsOfPlainLayers(bool isRecomputed)
    {
        using var scope = NewDisposeScope();
        using var plain = Model("albert", dropout: 0);
        using var fused = Model("albert", dropout: 0);
        Assert.Equal((2, 1), (fused.Config.LayerRuns, fused.Config.DistinctLayers));
        (fused.TrainsWithKernels, fused.ActivationCheckpointing) = (true, isRecomputed);
        var ids = Numbers.Ids(1, Words, 2, Length);

        plain.Backward(Loss(plain, ids, null));
        var loss = Loss(fused, ids, null);
        Assert.True(fused.Backbone.KeptPasses > 0);
        fused.Backward(loss);

        using var place = new KernelPlace(PlaceKind.WideVectors);
        foreach (var ((name, expected), (_, found)) in plain.named_parameters().Zip(fused.named_parameters()))
            AssertNear(name, expected.grad!, found.grad!, place);
    }

    [Theory]
    [MemberData(nameof(Dropouts))]
    public void Backward_WithDropout_DropsWhatPlainLayersDrop(string architecture, double hidden, double attention)
    {
        using var scope = NewDisposeScope();
        using var plain = Model(architecture, hidden, attention: attention);
        using var fused = Model(architecture, hidden, attention: attention);
        fused.TrainsWithKernels = true;
        var ids = Numbers.Ids(1, Words, 2, Length);

        plain.SeedDropout(5);
        fused.SeedDropout(5);
        var (expectedLoss, loss) = (Loss(plain, ids, null), Loss(fused, ids, null));
        Assert.Equal(plain.Config is PostNormConfig || (plain.Config is ModernBertConfig && hidden + attention == 0), fused.Backbone.KeptPasses > 0);
        Assert.Equal(expectedLoss.item<float>(), loss.item<float>(), 1e-4f);
        plain.Backward(expectedLoss);
        fused.Backward(loss);

        using var place = new KernelPlace(PlaceKind.WideVectors);
        foreach (var ((name, expected), (_, found)) in plain.named_parameters().Zip(fused.named_parameters()))
        {
            Assert.Equal(expected.grad is null, found.grad is null); // XLNet's of queries and segments, which are not here
            if (expected.grad is { } gradient)
                AssertNear(name, gradient, found.grad!, place);
        }
    }

    [Theory]
    [MemberData(nameof(TestModels.ArchitecturesWithKernels), MemberType = typeof(TestModels))]
    public void TryBackward_NoGradientHasArrived_IsFalseAndNothingIsLeft(string architecture)
    {
        using var place = new KernelPlace(PlaceKind.Warps);
        using var scope = NewDisposeScope();
        using var model = Model(architecture, 0);
        RunAndForget(); // angles are made when first asked for
        var before = LiveTensors.CountSettled();

        RunAndForget();

        Assert.Equal(before, Tensor.TotalCount);

        void RunAndForget()
        {
            using var inner = NewDisposeScope();
            using var start = Numbers.Normal(1, 1, 4, 64).requires_grad_();
            using var pass = RunFused(model.Backbone, start, place);
            Assert.False(pass.TryBackward());
        }
    }

    [Theory]
    [MemberData(nameof(TestModels.ArchitecturesWithKernels), MemberType = typeof(TestModels))]
    public void Forward_AfterALossWasGoneBackFromByItself_Throws(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = Model(architecture, 0);
        model.TrainsWithKernels = true;
        var ids = Numbers.Ids(1, Words, 2, Length);
        Loss(model, ids, null).backward();

        var thrown = Assert.Throws<InvalidOperationException>(() => model.forward(ids));

        Assert.Contains("LanguageModelModule.Backward", thrown.Message, StringComparison.Ordinal);
        model.ForgetPasses();
        model.Backward(Loss(model, ids, null));
    }

    [Theory]
    [InlineData("bert", false)]
    [InlineData("bert", true)]
    [InlineData("modernbert", false)]
    [InlineData("modernbert", true)]
    public void Backward_OnTheCard_GivesTheGradientsOfFloat32(string architecture, bool padded)
    {
        using var place = new KernelPlace(PlaceKind.Gpu);
        using var scope = NewDisposeScope();
        using var near = Model(architecture, dropout: 0);
        using var far = Model(architecture, dropout: 0);
        far.MoveTo(CUDA);
        far.Precision = ComputePrecision.BFloat16;
        far.TrainsWithKernels = true;
        var ids = Numbers.Ids(1, Words, 6, Length);
        var mask = padded ? arange(Length).unsqueeze(0).lt(tensor(new long[] { Length, 20, Length - 1, 9, 5, Length }).unsqueeze(1)).to(ScalarType.Int64) : null;

        // Twice: gradients add up.
        for (var i = 0; i < 2; i++)
        {
            near.Backward(Loss(near, ids, mask));
            far.Backward(Loss(far, ids.cuda(), mask?.cuda()));
        }

        foreach (var ((name, expected), (_, found)) in near.named_parameters().Zip(far.named_parameters()))
            AssertNear(name, expected.grad!, found.grad!, place);
    }

    [Theory]
    [MemberData(nameof(TestModels.ArchitecturesWithKernels), MemberType = typeof(TestModels))]
    public void Backward_OnTheCardOrForgetting_LeavesNoTensor(string architecture)
    {
        using var place = new KernelPlace(PlaceKind.Gpu);
        using var scope = NewDisposeScope();
        using var model = Model(architecture, dropout: architecture == "modernbert" ? 0 : 0.1);
        model.MoveTo(CUDA);
        model.Precision = ComputePrecision.BFloat16;
        model.TrainsWithKernels = true;
        var ids = Numbers.Ids(1, Words, 6, Length).cuda();
        Step();
        var before = LiveTensors.CountSettled();

        Step();
        using (Loss(model, ids, null))
            model.ForgetPasses();

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using var loss = Loss(model, ids, null);
            model.Backward(loss);
            model.zero_grad();
        }
    }

    private static VocabularyModel Model(string architecture, double dropout, int inner = 128, double? attention = null)
    {
        var owner = ModelArchitecture.Get(architecture);
        var config = owner.CreateConfig(new ModelSize("test", 2, 64, 2), Words, maxPositions: Length, TestModels.Tokens);
        if (config is AlbertConfig albert)
            config = albert with { Activation = Activation.Gelu }; // the kernels' own
        config = (config with { IntermediateSize = inner }).WithDropout(dropout);
        config = config switch
        {
            PostNormConfig bert => bert with { AttentionDropout = attention ?? dropout },
            MPNetConfig mpnet => mpnet with { AttentionDropout = attention ?? dropout },
            LlamaConfig llama => llama with { AttentionDropout = attention ?? dropout },
            OpenAIGptConfig gpt => gpt with { AttentionDropout = attention ?? dropout, IntermediateSize = 4 * gpt.HiddenSize },
            Gpt2Config gpt => gpt with { AttentionDropout = attention ?? dropout },
            FalconConfig falcon => falcon with { AttentionDropout = attention ?? dropout },
            DebertaV2Config deberta => deberta with { AttentionDropout = attention ?? dropout },
            XLNetConfig xlnet => xlnet, // one dropout for all
            _ => (ModernBertConfig)config with { AttentionDropout = attention ?? dropout, GlobalRopeTheta = 10_000, LocalRopeTheta = 10_000 },
        };
        var model = owner.CreateVocabularyModel(config, seed: 3);
        model.train();
        return model;
    }

    private static Tensor RunPlain(Backbone encoder, Tensor start, Tensor? mask)
    {
        var pass = new ForwardPass(ComputePrecision.Float32, new DropoutMasks(7));
        return encoder switch
        {
            PostNormEncoder bert => bert.Layers.Aggregate(start, (state, layer) => layer.Forward(state, mask, pass)),
            ModernBertEncoder modern => modern.FinalNorm.Forward(modern.Layers.Aggregate(start, (state, layer) => layer.Forward(state, mask, Angles.Take(Length, CPU, ScalarType.Float32), pass))),
            _ => throw new ArgumentException(encoder.ClassName, nameof(encoder)),
        };
    }

    private static IKeptPass RunFused(Backbone encoder, Tensor start, KernelPlace place, Tensor? mask = null)
    {
        return encoder is PostNormEncoder bert
            ? bert.RunFused(start, mask?.to(place.Type, copy: true), place.Kernels, place.Pass())
            : ((ModernBertEncoder)encoder).RunFused(start, mask?.to(place.Type, copy: true), mask?.to(place.Type, copy: true), place.Kernels, place.Pass());
    }

    private static Tensor Loss(VocabularyModel model, Tensor ids, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var labels = mask is null ? ids : ids.masked_fill(mask.eq(0), Losses.IgnoredLabel);
        return MaskedLanguageModel.Loss(model.forward(ids, mask), labels).MoveToOuterDisposeScope();
    }

    private static void AssertNear(string name, Tensor expected, Tensor found, KernelPlace place)
    {
        var error = (expected - found.cpu()).norm().item<float>() / expected.norm().item<float>();
        Assert.True(error < 8 * place.Rounding, $"{name}: expected the gradient of float32, found one that is off by {error:P1}");
    }
}
