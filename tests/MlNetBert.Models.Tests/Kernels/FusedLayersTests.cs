using MlNetBert.Models.Bert;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using MlNetBert.Models.ModernBert;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Kernels;

/// <summary>Layers with kernels between their products: on a processor by themselves, on a GPU as a model takes them.</summary>
[Collection(nameof(FusedLayersTests))]
[CollectionDefinition(nameof(FusedLayersTests), DisableParallelization = true)]
public sealed class FusedLayersTests
{
    private const int Words = 200;
    private const int Length = 32;

    private static readonly RotaryTable Angles = new(10_000, 32, Length);

    [Theory]
    [InlineData(false, "bert", 128, 0.0)]
    [InlineData(false, "bert", 128, 0.2)]
    [InlineData(false, "modernbert", 128, 0.0)]
    [InlineData(false, "modernbert", 85, 0.0)] // filled up to 128
    [InlineData(true, "bert", 128, 0.0)]
    [InlineData(true, "modernbert", 128, 0.0)]
    [InlineData(true, "modernbert", 85, 0.0)]
    public void TryBackward_OfABatch_GivesTheGradientsOfPlainLayers(bool onGpu, string architecture, int inner, double dropout)
    {
        using var place = new KernelPlace(onGpu);
        using var scope = NewDisposeScope();
        using var plainModel = Model(architecture, dropout, inner);
        using var fusedModel = Model(architecture, dropout, inner);
        var (plain, fused) = (plainModel.Encoder, fusedModel.Encoder);
        var (start, weights) = (Numbers.Normal(1, 3, Length, 64), Numbers.Normal(2, 3, Length, 64));
        var (plainStart, fusedStart) = (start.clone().requires_grad_(), start.to(place.Device, copy: true).requires_grad_());
        fused.MoveTo(place.Device);

        // The layers alone: what is before them is the same code.
        RunPlain(plain, plainStart).mul(weights).sum().backward();
        using var pass = RunFused(fused, fusedStart, place.Kernels);
        pass.TakeOutput().mul(weights.to(place.Device)).sum().backward();
        Assert.True(pass.TryBackward());

        AssertNear("input", plainStart.grad!, fusedStart.grad!);
        Assert.All(plain.named_parameters().Zip(fused.named_parameters()).Where(pair => pair.First.parameter.grad is not null), pair => AssertNear(pair.First.name, pair.First.parameter.grad!, pair.Second.parameter.grad!));
        Assert.Equal(plain.parameters().Count(parameter => parameter.grad is not null), fused.parameters().Count(parameter => parameter.grad is not null));
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("modernbert")]
    public void TryBackward_NoGradientHasArrived_IsFalseAndNothingIsLeft(string architecture)
    {
        using var place = new KernelPlace(onGpu: false);
        using var scope = NewDisposeScope();
        using var model = Model(architecture, 0);
        Angles.Take(1, CPU, ScalarType.Float32); // made when first asked for
        var before = Tensor.TotalCount;

        using (var inner = NewDisposeScope())
        using (var start = Numbers.Normal(1, 1, 4, 64).requires_grad_())
        using (var pass = RunFused(model.Encoder, start, place.Kernels))
            Assert.False(pass.TryBackward());

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("modernbert")]
    public void Forward_AfterALossWasGoneBackFromByItself_Throws(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = Model(architecture, 0);
        model.ActivationCheckpointing = true; // keeps parts on a processor too
        var ids = Numbers.Ids(1, Words, 2, Length);
        Loss(model, ids, null).backward();

        var thrown = Assert.Throws<InvalidOperationException>(() => model.forward(ids));

        Assert.Contains("PretrainedModule.Backward", thrown.Message, StringComparison.Ordinal);
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
        using var place = new KernelPlace(onGpu: true);
        using var scope = NewDisposeScope();
        using var near = Model(architecture, dropout: 0);
        using var far = Model(architecture, dropout: 0);
        far.MoveTo(CUDA);
        far.Precision = ComputePrecision.BFloat16;
        var ids = Numbers.Ids(1, Words, 6, Length);
        var mask = padded ? arange(Length).unsqueeze(0).lt(tensor(new long[] { 32, 20, 31, 9, 5, 32 }).unsqueeze(1)).to(ScalarType.Int64) : null;

        // Twice: gradients add up.
        for (var i = 0; i < 2; i++)
        {
            near.Backward(Loss(near, ids, mask));
            far.Backward(Loss(far, ids.cuda(), mask?.cuda()));
        }

        foreach (var ((name, expected), (_, found)) in near.named_parameters().Zip(far.named_parameters()))
            AssertNear(name, expected.grad!, found.grad!);
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("modernbert")]
    public void Backward_OnTheCardOrForgetting_LeavesNoTensor(string architecture)
    {
        using var place = new KernelPlace(onGpu: true);
        using var scope = NewDisposeScope();
        using var model = Model(architecture, dropout: architecture == "bert" ? 0.1 : 0);
        model.MoveTo(CUDA);
        model.Precision = ComputePrecision.BFloat16;
        var ids = Numbers.Ids(1, Words, 6, Length).cuda();
        Step();
        var before = Tensor.TotalCount;

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

    private static MaskedLanguageModel Model(string architecture, double dropout, int inner = 128)
    {
        var owner = ModelArchitecture.Get(architecture);
        var config = owner.CreateConfig(new ModelSize("test", 2, 64, 2), Words, maxPositions: Length, TestModels.Tokens);
        var model = owner.CreateMaskedLanguageModel((config with { InnerSize = inner }).WithDropout(dropout), seed: 3);
        model.train();
        return model;
    }

    private static Tensor RunPlain(Encoder encoder, Tensor start)
    {
        var pass = new ForwardPass(ComputePrecision.Float32, new DropoutMasks(7));
        return encoder switch
        {
            BertEncoder bert => bert.Layers.Aggregate(start, (state, layer) => layer.Forward(state, null, pass)),
            ModernBertEncoder modern => modern.FinalNorm.Forward(modern.Layers.Aggregate(start, (state, layer) => layer.Forward(state, null, Angles.Take(Length, CPU, ScalarType.Float32), pass))),
            _ => throw new ArgumentException(encoder.ClassName, nameof(encoder)),
        };
    }

    private static IKeptPass RunFused(Encoder encoder, Tensor start, IFusedKernels kernels)
    {
        var pass = new ForwardPass(ComputePrecision.BFloat16, new DropoutMasks(7));
        var (cosine, sine) = Angles.Take(start.shape[1], start.device, ScalarType.Float32);
        return encoder is BertEncoder bert
            ? new FusedBertLayers(start, bert.Layers, null, kernels, pass)
            : new FusedModernBertLayers(start, ((ModernBertEncoder)encoder).Layers, ((ModernBertEncoder)encoder).FinalNorm, _ => (null, cosine, sine), kernels, pass);
    }

    private static Tensor Loss(MaskedLanguageModel model, Tensor ids, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var labels = mask is null ? ids : ids.masked_fill(mask.eq(0), Losses.IgnoredLabel);
        return MaskedLanguageModel.Loss(model.forward(ids, mask), labels).MoveToOuterDisposeScope();
    }

    private static void AssertNear(string name, Tensor expected, Tensor found)
    {
        var error = (expected - found.cpu()).norm().item<float>() / expected.norm().item<float>();
        Assert.True(error < 0.04, $"{name}: expected the gradient of float32, found one that is off by {error:P1}");
    }
}
