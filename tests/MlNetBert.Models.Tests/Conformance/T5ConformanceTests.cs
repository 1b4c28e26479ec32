using System.Text.Json.Nodes;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models.T5;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class T5ConformanceTests : SequenceToSequenceConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.T5;

    protected override ModelConfig Vivid => Config;

    [Theory]
    [InlineData("relu", Activation.Relu, false)]
    [InlineData("gelu", Activation.Gelu, false)]
    [InlineData("gelu_new", Activation.GeluTanh, false)]
    [InlineData("gated-gelu", Activation.GeluTanh, true)]
    [InlineData("gated-silu", Activation.Silu, true)]
    [InlineData(null, Activation.Relu, false)]
    public void Parse_FeedForward_IsTheFunctionOfThatNameAndStays(string? name, Activation activation, bool isGated)
    {
        var json = TestModels.GoldenConfig("t5-span-corruption");
        json["feed_forward_proj"] = name;
        json.Remove("dense_act_fn");
        json.Remove("is_gated_act");

        var config = (T5Config)TestModels.Parse(json);

        Assert.Equal((activation, isGated), (config.Activation, config.IsGated));
        Assert.Equal(name ?? "relu", config.ToJson()["feed_forward_proj"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("feed_forward_proj", "\"gated-swiglu\"")]
    [InlineData("feed_forward_proj", "\"plain-gelu\"")]
    [InlineData("d_model", "null")]
    [InlineData("d_kv", "0")]
    [InlineData("num_layers", "0")]
    [InlineData("num_decoder_layers", "-1")]
    [InlineData("relative_attention_num_buckets", "31")]
    [InlineData("relative_attention_max_distance", "16")]
    [InlineData("dropout_rate", "1")]
    [InlineData("initializer_factor", "-1")]
    [InlineData("decoder_start_token_id", "160")]
    [InlineData("eos_token_id", "[1, \"a\"]")]
    public void Parse_WhatIsNotBuiltOrCannotBe_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("t5-span-corruption");
        json[key] = JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FileThatSaysLittle_HasTheValuesOfTransformers()
    {
        var json = JsonNode.Parse("""{"model_type":"t5","vocab_size":90,"d_model":32,"d_kv":9,"d_ff":64,"num_layers":3,"num_heads":5}""")!.AsObject();

        var config = (T5Config)TestModels.Parse(json);

        Assert.Equal((3, Activation.Relu, false, true, true), (config.DecoderLayerCount, config.Activation, config.IsGated, config.ScalesOutputs, config.TieWordEmbeddings));
        Assert.Equal((32, 128, 0.1, 0.0, 1e-6, 1.0), (config.DistanceBuckets, config.FarthestDistance, config.Dropout, config.ClassifierDropout, config.LayerNormEpsilon, config.InitializerFactor));
        Assert.Equal((0, 0), (config.PadTokenId, config.DecoderStartTokenId));
        Assert.Equal([1], config.EndTokenIds);
        Assert.Null(config.MaxLength);
        Assert.Equal(json.ToJsonString(), config.ToJson().AsObject().ToJsonString()[..(json.ToJsonString().Length - 1)] + "}");
    }

    // transformers 5 writes the scale of its own; before, an untied head meant version 1.1.
    [Theory]
    [InlineData(null, null, true)]
    [InlineData(true, null, true)]
    [InlineData(false, null, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    public void Parse_ScaleOfOutputs_IsThatOfTheHeadUnlessTheFileSaysIt(bool? tied, bool? scales, bool expected)
    {
        var json = TestModels.GoldenConfig("t5-span-corruption");
        json.Remove("tie_word_embeddings");
        json.Remove("scale_decoder_outputs");
        if (tied is { } tie)
            json["tie_word_embeddings"] = tie;
        if (scales is { } scale)
            json["scale_decoder_outputs"] = scale;

        Assert.Equal(expected, ((T5Config)TestModels.Parse(json)).ScalesOutputs);
    }

    [Fact]
    public void Load_OlderFileOfVersionOneOne_HasAHeadOfItsOwnAndNoScale()
    {
        using var scope = NewDisposeScope();
        var json = TestModels.GoldenConfig("t5-v1.1-span-corruption");
        json["tie_word_embeddings"] = false;
        json.Remove("scale_decoder_outputs");
        var config = TestModels.Parse(json);
        using var model = (SequenceToSequenceModel)Architecture.Create(ModelHead.SequenceToSequence, config, seed: 1);
        model.eval();
        using var older = MemoryWeights.FromTensors(
        [
            .. Weights.ToTensors(model),
            Of("encoder.embed_tokens.weight", model.Backbone.WordEmbeddings), Of("decoder.embed_tokens.weight", model.Backbone.WordEmbeddings),
            Of("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", zeros(32, 4)),
        ]);

        using var again = (SequenceToSequenceModel)Architecture.Load(ModelHead.SequenceToSequence, config, older, out var report, seed: 2);

        Assert.True(report.IsComplete);
        Assert.Equal(3, report.IgnoredKeys.Count);
        Assert.Contains("lm_head.weight", model.CheckpointWeights().Select(weight => weight.Name));
        Assert.True(model.forward(new(Ids(1, 5)), Ids(1, 4)).equal(again.forward(new(Ids(1, 5)), Ids(1, 4))).all().item<bool>());
        Assert.Equal(config.ToJsonString(), again.Config.ToJsonString());
    }

    // What transformers 5 does where the two are not the same.
    [Fact]
    public void Load_HeadUnlikeTheEmbeddings_IsKeptWithTheScaleOfTheFile()
    {
        using var scope = NewDisposeScope();
        using var model = (SequenceToSequenceModel)Architecture.Create(ModelHead.SequenceToSequence, Config, seed: 1);
        using var both = MemoryWeights.FromTensors([.. Weights.ToTensors(model), Of("lm_head.weight", ones(50, 32))]);

        using var again = (SequenceToSequenceModel)Architecture.Load(ModelHead.SequenceToSequence, Config, both, out var report);

        Assert.Equal(["lm_head.weight"], report.Untied);
        Assert.False(again.Config.TieWordEmbeddings);
        Assert.True(((T5Config)again.Config).ScalesOutputs);
        var logits = again.forward(new(Ids(1, 5)), Ids(1, 4));
        Assert.True(logits.std([2]).max().item<float>() < 1e-4); // every token has the same row
    }

    [Fact]
    public void Initialize_Weights_HaveTransformersDeviations()
    {
        var config = (T5Config)Architecture.CreateConfig(new ModelSize("test", 2, 128, 4), 300, 16, TestModels.Tokens) with { InitializerFactor = 0.5, HeadWidth = 48 };
        using var model = Architecture.Create(ModelHead.SequenceToSequence, config, seed: 1);
        var expected = new Dictionary<string, double>(StringComparer.Ordinal)
        {
            ["shared.weight"] = 0.5,
            [".q.weight"] = 0.5 / Math.Sqrt(128 * 48),
            [".k.weight"] = 0.5 / Math.Sqrt(128),
            [".v.weight"] = 0.5 / Math.Sqrt(128),
            [".o.weight"] = 0.5 / Math.Sqrt(4 * 48),
            ["relative_attention_bias.weight"] = 0.5 / Math.Sqrt(128),
            ["wi_0.weight"] = 0.5 / Math.Sqrt(128),
            ["wi_1.weight"] = 0.5 / Math.Sqrt(128),
            ["wo.weight"] = 0.5 / Math.Sqrt(config.IntermediateSize),
        };

        foreach (var weight in model.CheckpointWeights())
        {
            using var scope = NewDisposeScope();
            if (weight.Name.EndsWith("norm.weight", StringComparison.Ordinal))
                Assert.True(weight.Slice().eq(0.5).all().item<bool>(), weight.Name);
            else
                Assert.Equal(1, weight.Slice().std().item<float>() / expected[expected.Keys.Single(end => weight.Name.EndsWith(end, StringComparison.Ordinal))], 0.2);
        }
    }

    // Raffel et al. 2019; numbers of transformers' _relative_position_bucket.
    [Theory]
    [InlineData(false, 0, 0)]
    [InlineData(false, -7, 7)]
    [InlineData(false, -8, 8)]
    [InlineData(false, -15, 9)]
    [InlineData(false, -127, 15)]
    [InlineData(false, 1, 17)]
    [InlineData(false, 150, 31)]
    [InlineData(true, 0, 0)]
    [InlineData(true, -15, 15)]
    [InlineData(true, -16, 16)]
    [InlineData(true, -21, 18)]
    [InlineData(true, -127, 31)]
    [InlineData(true, 5, 0)]
    public void DistanceBias_Rows_AreTransformersBuckets(bool isDecoder, int distance, long expected) =>
        Assert.Equal(expected, ((T5Config)Config).DistanceBias(isDecoder).RowsByDistance(200)[distance + 199]);

    [Fact]
    public void Validate_GatedGeluOfTheErrorFunction_IsAFault() =>
        Assert.Contains("gated", Assert.Single(((T5Config)Config with { Activation = Activation.Gelu, IsGated = true }).Validate()), StringComparison.Ordinal);

    private static TensorData Of(string name, Tensor values) =>
        TensorData.From<float>(name, SafetensorsDtype.F32, values.shape, values.detach().contiguous().data<float>().ToArray());
}

/// <summary>Version 1.0, with stacks of unlike sizes and heads of a width of their own.</summary>
public class UnusualT5ConformanceTests : SequenceToSequenceConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.T5;

    protected override ModelConfig Config => (T5Config)base.Config with
    {
        IsGated = false,
        Activation = Activation.Relu,
        HeadWidth = 5,
        IntermediateSize = 40,
        ScalesOutputs = false,
        TieWordEmbeddings = false,
    };

    protected override ModelConfig Vivid => (T5Config)Config with { DecoderLayerCount = 3 };
}
