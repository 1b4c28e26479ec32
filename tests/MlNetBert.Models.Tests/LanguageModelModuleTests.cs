using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Verification;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests;

public class LanguageModelModuleTests
{
    [Fact]
    public void OutermostIn_ModuleWithTwoModels_AreThoseWithoutTheBackbonesInside()
    {
        using var root = new Pair(TestModels.Tiny("bert"), TestModels.Tiny("modernbert"));

        Assert.Equal([root.First, root.Second], LanguageModelModule.OutermostIn(root));
        Assert.Equal([root.First], LanguageModelModule.OutermostIn(root.First));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void BackwardThrough_ModuleWithTwoModels_GivesBothTheirGradients(bool kernels, bool checkpointing)
    {
        using var scope = NewDisposeScope();
        using var root = new Pair(Model("bert", 1), Model("bert", 2));
        foreach (var model in LanguageModelModule.OutermostIn(root))
            (model.TrainsWithKernels, model.ActivationCheckpointing) = (kernels, checkpointing);
        root.train();

        LanguageModelModule.BackwardThrough(root, Loss(root.First).add(Loss(root.Second)));

        foreach (var (model, seed) in new[] { (root.First, 1), (root.Second, 2) })
        {
            using var alone = Model("bert", seed);
            alone.train();
            alone.Backward(Loss(alone));
            Assert.Equal(0, model.Backbone.KeptPasses);
            foreach (var (expected, found) in alone.named_parameters().Zip(model.named_parameters()))
            {
                var (one, other) = (expected.parameter.grad ?? zeros_like(expected.parameter), found.parameter.grad ?? zeros_like(expected.parameter));
                Assert.True(one.sub(other).abs().max().item<float>() <= 1e-4 * Math.Max(1, one.abs().max().item<float>()), expected.name);
            }
        }
    }

    [Fact]
    public void Move_ModuleWithAHeadBesideAModel_TakesItsParametersAndBuffersToo()
    {
        Assert.SkipUnless(cuda.is_available(), "libtorch sees no GPU here: on a machine with one, set LIBTORCH to a libtorch built for CUDA");
        using var root = nn.Sequential(("head", nn.BatchNorm1d(4)));
        root.register_module("model", TestModels.Tiny("bert"));

        LanguageModelModule.Move(root, CUDA);

        Assert.All(root.parameters().Concat(root.buffers()), tensor => Assert.Equal(TorchSharp.DeviceType.CUDA, tensor.device_type));
    }

    [Fact]
    public void TrainableParametersOf_ModuleWithTwoModels_HaveTheLevelsOfTheirOwnModel()
    {
        using var root = new Pair(Model("bert", 1, layers: 3), Model("modernbert", 2));

        var parameters = LanguageModelModule.TrainableParametersOf(root);

        Assert.Equal(4, parameters.Where(p => p.Name.StartsWith("first.", StringComparison.Ordinal)).Max(p => p.Level));
        Assert.Equal(3, parameters.Where(p => p.Name.StartsWith("second.", StringComparison.Ordinal)).Max(p => p.Level));
        Assert.All(parameters.Where(p => p.Name.Contains(".head.", StringComparison.Ordinal)), p => Assert.Equal(0, p.LevelsAbove));
        Assert.Equal(root.parameters().Count(), parameters.Count);
    }

    [Fact]
    public void Parts_AskedForBeforeTheyAreRegistered_AreFoundThenAndLater()
    {
        using var scope = NewDisposeScope();
        using var below = Model("bert", 1);
        using var model = new Early(below.Backbone);

        Assert.Equal(ComputePrecision.BFloat16, below.Backbone.Precision);
        model.Precision = ComputePrecision.Float32;
        model.ActivationCheckpointing = true;
        Assert.Equal(ComputePrecision.Float32, below.Backbone.Precision);
        Assert.True(below.Backbone.ActivationCheckpointing);
        model.train();
        var loss = model.Backbone.forward(new(arange(24, ScalarType.Int64).add(5).view(2, 12))).LastHiddenState.square().sum();
        Assert.Equal(1, model.Backbone.KeptPasses);
        model.Backward(loss);
        Assert.Equal(0, model.Backbone.KeptPasses);
        Assert.All(model.Backbone.LayerModules.SelectMany(layer => layer.parameters()), parameter => Assert.NotNull(parameter.grad));
    }

    private static Tensor Loss(VocabularyModel model)
    {
        var ids = arange(24, ScalarType.Int64).add(5).view(2, 12);
        return model.Head.LossSum(model.Backbone.forward(new(ids)).LastHiddenState.flatten(0, 1), ids.flatten());
    }

    private static VocabularyModel Model(string architecture, long seed, int layers = 2)
    {
        var owner = ModelArchitecture.Get(architecture);
        var config = owner.CreateConfig(new ModelSize("test", layers, 32, 4), vocabularySize: 50, maxPositions: 16, TestModels.Tokens);
        return (VocabularyModel)owner.Create(ModelHead.MaskedLanguageModel, config.WithDropout(0), seed);
    }

    // A model whose constructor sets it up before it registers its modules.
    private sealed class Early : ModelWithHead
    {
        public Early(Backbone backbone)
            : base(nameof(Early), backbone)
        {
            Precision = ComputePrecision.BFloat16;
            Initialize(seed: 1);
            train();
            RegisterComponents();
        }

        protected override IEnumerable<ModelWeight> HeadWeights() => [];

        protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs) => throw new NotSupportedException();
    }

    private sealed class Pair : nn.Module
    {
        [ComponentName(Name = "first")]
        private readonly VocabularyModel _first;

        [ComponentName(Name = "second")]
        private readonly VocabularyModel _second;

        public Pair(VocabularyModel first, VocabularyModel second)
            : base(nameof(Pair))
        {
            (_first, _second) = (first, second);
            RegisterComponents();
        }

        public VocabularyModel First => _first;

        public VocabularyModel Second => _second;
    }
}
