using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Llama;

public sealed class LlamaModelTests
{
    [Fact]
    public void SequenceClassifier_PaddedOnEitherSide_TakesTheLastToken()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = (SequenceClassifier)ModelArchitecture.Llama.Create(ModelHead.SequenceClassifier, TestModels.TinyConfig("llama"), seed: 1);
        model.eval();
        var ids = arange(5, 14, ScalarType.Int64).view(1, 9);
        var padding = zeros(1, 4, ScalarType.Int64);
        var (shown, hidden) = (ones_like(ids), zeros_like(padding));

        var alone = model.forward(ids);
        var left = model.forward(cat([padding, ids], 1), cat([hidden, shown], 1));
        var right = model.forward(cat([ids, padding], 1), cat([shown, hidden], 1));
        var shorter = model.forward(ids[.., ..8]);

        Assert.True(left.sub(alone).abs().max().item<float>() < 1e-6);
        Assert.True(right.sub(alone).abs().max().item<float>() < 1e-6);
        Assert.True(shorter.sub(alone).abs().max().item<float>() > 1e-6);
        Assert.DoesNotContain("score.bias", model.CheckpointWeights().Select(weight => weight.Name));
    }

    [Fact]
    public void Forward_TokenTypeIds_AreRefused()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Tiny("llama");
        var ids = ones(1, 4, ScalarType.Int64);

        Assert.Contains("no segments", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(ids, null, ids))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_MaskOfNewTokensOnlyBehindACache_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TestModels.Tiny("llama");
        using var cache = model.Backbone.NewCache();
        var ids = ones(1, 4, ScalarType.Int64);
        model.Backbone.forward(new(ids) { Cache = cache });

        var exception = Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(ids, ones_like(ids)) { Cache = cache }));

        Assert.Contains("[1, 8]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_CacheOfAnEncoder_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TestModels.Tiny("bert");
        using var cache = new KeyValueCache(2);

        Assert.Contains("no cache", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(ones(1, 4, ScalarType.Int64)) { Cache = cache })).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => model.Backbone.NewCache());
    }

    [Fact]
    public void PositionIds_Shifted_ChangeNothingButRounding()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = TestModels.Tiny("llama");
        model.eval();
        var ids = arange(5, 14, ScalarType.Int64).view(1, 9);

        var plain = model.Backbone.forward(new(ids)).LastHiddenState;
        var shifted = model.Backbone.forward(new(ids) { PositionIds = arange(6, 15, ScalarType.Int64).view(1, 9) }).LastHiddenState;
        var apart = model.Backbone.forward(new(ids) { PositionIds = arange(0, 9, ScalarType.Int64).mul(2).view(1, 9) }).LastHiddenState;

        Assert.True(shifted.sub(plain).abs().max().item<float>() < 1e-5);
        Assert.True(apart.sub(plain).abs().max().item<float>() > 1e-5);
    }
}
