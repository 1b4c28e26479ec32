using System.Text.Json.Nodes;
using MlNetBert.Models.Falcon;
using MlNetBert.Models.Layers;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

/// <summary>Falcon-7B's shape.</summary>
public class FalconConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Falcon;

    [Theory]
    [InlineData("is_encoder_decoder", "true")]
    [InlineData("num_kv_heads", "3")]
    [InlineData("num_kv_heads", "0")]
    [InlineData("parallel_attn", "false")]
    [InlineData("num_ln_in_parallel_attn", "3")]
    [InlineData("rope_parameters", """{"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}""")]
    [InlineData("activation", "\"swiglu\"")]
    [InlineData("hidden_dropout", "1")]
    [InlineData("max_position_embeddings", "0")]
    public void Parse_WhatIsNotBuiltOrCannotBe_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("falcon-clm-new");
        json[key] = JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("falcon-clm", "num_ln_in_parallel_attn", "2")]
    [InlineData("falcon-clm-alibi", "num_kv_heads", "2")]
    public void Parse_WhatTransformersCannotRun_NamesTheKey(string name, string key, string value)
    {
        var json = TestModels.GoldenConfig(name);
        json[key] = JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FileThatSaysLittle_HasTheValuesOfTransformers()
    {
        var json = JsonNode.Parse(
            """{"model_type":"falcon","vocab_size":90,"hidden_size":32,"num_hidden_layers":2,"num_attention_heads":4}""")!.AsObject();

        var config = (FalconConfig)TestModels.Parse(json);

        Assert.Equal((2048, 128, Activation.Gelu), (config.MaxPositions, config.IntermediateSize, config.Activation));
        Assert.True(config is { IsMultiQuery: true, IsParallel: true, IsNewDecoder: false, UsesAlibi: false, HasBiases: false });
        Assert.Equal((1, 1, 0.0, 0.0), (config.Groups, config.NormsOfLayer, config.HiddenDropout, config.AttentionDropout));
        Assert.Equal([11], config.EndTokenIds);
        Assert.Equal(json.ToJsonString(), config.ToJson().ToJsonString());
    }

    [Theory]
    [InlineData("ffn_hidden_size", "96")]
    [InlineData("ffn_hidden_size", "null")]
    [InlineData("num_kv_heads", "null")]
    [InlineData("num_ln_in_parallel_attn", "1")]
    [InlineData("num_ln_in_parallel_attn", "null")]
    [InlineData("n_embed", "32")]
    public void ToJson_WhatAFileSaysInItsOwnWay_Stays(string key, string value)
    {
        var json = TestModels.GoldenConfig("falcon-clm-new");
        json[key] = JsonNode.Parse(value);

        Assert.Equal(json.ToJsonString(), TestModels.Parse(json).ToJson().ToJsonString());
    }

    [Fact]
    public void CheckpointWeights_OfOneNormForBoth_HaveTransformersNames()
    {
        using var model = Architecture.Create(ModelHead.Encoder, (FalconConfig)Config with { IsNewDecoder = true, ParallelNorms = 1 }, seed: 1);
        var names = model.CheckpointWeights().Select(weight => weight.Name).Where(name => name.StartsWith("h.0", StringComparison.Ordinal));

        Assert.Equal(
            [
                "h.0.input_layernorm.bias", "h.0.input_layernorm.weight", "h.0.mlp.dense_4h_to_h.weight", "h.0.mlp.dense_h_to_4h.weight",
                "h.0.self_attention.dense.weight", "h.0.self_attention.query_key_value.weight",
            ],
            names.Order(StringComparer.Ordinal));
    }

    // As in transformers, where only attention with ALiBi and the update of attention without parallel layers know this probability.
    [Theory]
    [InlineData(false, true, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    public void Forward_DropoutOfAttention_IsWhereTransformersHasIt(bool alibi, bool parallel, bool expected)
    {
        using var scope = NewDisposeScope();
        var config = (FalconConfig)Config with { AttentionDropout = 0.5, UsesAlibi = alibi, IsParallel = parallel };
        using var model = (Backbone)Architecture.Create(ModelHead.Encoder, config, seed: 1);
        var dropped = model.forward(new(Ids(2, 12))).LastHiddenState;
        model.eval();

        Assert.Equal(expected, !dropped.allclose(model.forward(new(Ids(2, 12))).LastHiddenState, 1e-5, 1e-6));
    }
}

/// <summary>Falcon-40B's shape.</summary>
public class NewFalconConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Falcon;

    protected override ModelConfig Config => (FalconConfig)base.Config with { IsNewDecoder = true, KeyValueHeads = 2, TieWordEmbeddings = false };
}

/// <summary>The shape of the small Falcons: ALiBi, biases, layers one behind the other.</summary>
public class AlibiFalconConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Falcon;

    protected override ModelConfig Config =>
        (FalconConfig)base.Config with { UsesAlibi = true, HasBiases = true, IsMultiQuery = false, IsParallel = false };

    // Press et al. 2021: of a power of two the powers of 2^(-8 / n); of six those of four, then every second one of eight.
    [Theory]
    [InlineData(1, "8")]
    [InlineData(4, "2 4 6 8")]
    [InlineData(6, "2 4 6 8 1 3")]
    [InlineData(8, "1 2 3 4 5 6 7 8")]
    [InlineData(12, "1 2 3 4 5 6 7 8 0.5 1.5 2.5 3.5")]
    public void Slopes_OfHeads_AreThePapers(int heads, string halvings) =>
        Assert.Equal(
            halvings.Split(' ').Select(power => Math.Pow(2, -double.Parse(power, System.Globalization.CultureInfo.InvariantCulture))),
            AlibiBias.Slopes(heads).Select(slope => (double)slope),
            (expected, found) => Math.Abs((found / expected) - 1) < 1e-5);

    [Fact]
    public void Forward_Alibi_AddsTheBiasOnceAndInAReferenceTwice()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = (FalconDecoder)Architecture.Create(
            ModelHead.Encoder, Config with { LayerCount = 1, InitializerRange = 0.2 }, seed: 1);
        model.eval();
        var ids = Ids(1, 7);

        Assert.True(ByHand(model, ids, times: 1).allclose(model.forward(new(ids)).LastHiddenState[0], 1e-4, 1e-5));
        Assert.True(ByHand(model, ids, times: 2).allclose(model.forward(new(ids) { IsReference = true }).LastHiddenState[0], 1e-4, 1e-5));
        Assert.Contains("twice", model.ReferenceRemark, StringComparison.Ordinal);
    }

    [Fact]
    public void MaxLength_WithAlibi_HasNoLimit()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = (Backbone)Architecture.Create(ModelHead.Encoder, Config, seed: 1);

        Assert.Null(Config.MaxLength);
        Assert.Equal(40, model.forward(new(Ids(1, 40))).LastHiddenState.shape[1]);
    }

    // One layer as the paper says it: the distance to the query instead of the place, which is the same to softmax.
    private static Tensor ByHand(FalconDecoder model, Tensor ids, int times)
    {
        var layer = model.Layers[0];
        Tensor Linear(Dense dense, Tensor input) => nn.functional.linear(input, dense.Matrix, dense.Offset);
        Tensor Normalized(Norm norm, Tensor input) => nn.functional.layer_norm(input, [32], norm.Scale, norm.Offset, norm.Epsilon);
        var hidden = model.Words.Rows.index_select(0, ids[0]);                               // [7, 32]
        var heads = Linear(layer.QueryKeyValue, Normalized(layer.AttentionNorm, hidden)).view(7, 4, 3, 8).permute(2, 1, 0, 3);
        var distances = arange(7).unsqueeze(0) - arange(7).unsqueeze(1);                     // key − query
        var slopes = tensor(new[] { 0.25f, 0.0625f, 0.015625f, 0.00390625f }).view(4, 1, 1);
        var scores = (heads[0].matmul(heads[1].transpose(1, 2)) + (times * slopes * distances)) / Math.Sqrt(8);
        var weights = scores.masked_fill(distances.gt(0), double.NegativeInfinity).softmax(-1);
        var attended = hidden + Linear(layer.AttentionOutput, weights.matmul(heads[2]).transpose(0, 1).reshape(7, 32));
        var output = attended + Linear(layer.Output, nn.functional.gelu(Linear(layer.Inner, Normalized(layer.FeedForwardNorm!, attended))));
        return Normalized(model.FinalNorm, output);
    }
}

/// <summary>ALiBi where heads share a key.</summary>
public class SharedAlibiFalconConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Falcon;

    protected override ModelConfig Config => (FalconConfig)base.Config with { UsesAlibi = true };
}
