using System.Text.Json.Nodes;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models.Gpt;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class OpenAIGptConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Gpt;

    [Theory]
    [InlineData("gelu", Activation.GeluTanh)]
    [InlineData("relu", Activation.Relu)]
    [InlineData("silu", Activation.Silu)]
    [InlineData("swish", Activation.Silu)]
    [InlineData(null, Activation.GeluTanh)]
    public void Parse_Activation_IsTransformersFunctionOfThatNameAndStays(string? name, Activation expected)
    {
        var json = TestModels.GoldenConfig("openai-gpt-clm");
        json["afn"] = name;

        var config = TestModels.Parse(json);

        Assert.Equal(expected, config.Activation);
        Assert.Equal(json.ToJsonString(), (config with { Source = json.ToJsonString() }).ToJson().ToJsonString().Replace("\"afn\":\"gelu\"", $"\"afn\":{json["afn"]?.ToJsonString() ?? "null"}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("afn", "\"gelu_new\"")]
    [InlineData("is_encoder_decoder", "true")]
    [InlineData("add_cross_attention", "true")]
    [InlineData("n_embd", "33")]
    [InlineData("n_layer", "null")]
    [InlineData("n_positions", "0")]
    [InlineData("attn_pdrop", "1")]
    [InlineData("eos_token_id", "[1, \"a\"]")]
    public void Parse_WhatIsNotBuiltOrCannotBe_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("openai-gpt-clm");
        json[key] = JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_WhatAFileCannotSay_IsAFault()
    {
        var config = (OpenAIGptConfig)Config;

        Assert.Contains("four times n_embd", Assert.Single((config with { IntermediateSize = 100 }).Validate()), StringComparison.Ordinal);
        Assert.Contains("afn", Assert.Single((config with { Activation = Activation.Gelu }).Validate()), StringComparison.Ordinal);
    }
}

public class Gpt2ConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Gpt2;

    [Fact]
    public void Initialize_ResidualProjections_AreNarrowerByTheRootOfTheirNumber()
    {
        var config = Architecture.CreateConfig(new ModelSize("test", 8, 128, 4), 100, 16, TestModels.Tokens);
        using var model = Architecture.Create(ModelHead.CausalLanguageModel, config, seed: 1);

        foreach (var weight in model.CheckpointWeights().Where(weight => weight.Shape.Length == 2))
        {
            var expected = weight.Name.EndsWith("c_proj.weight", StringComparison.Ordinal) ? 0.02 / Math.Sqrt(2 * 8) : 0.02;
            using var scope = NewDisposeScope();
            Assert.Equal(1, weight.Slice().std().item<float>() / expected, 0.1);
        }
    }

    [Theory]
    [InlineData("activation_function", "\"swiglu\"")]
    [InlineData("add_cross_attention", "true")]
    [InlineData("is_encoder_decoder", "true")]
    [InlineData("n_inner", "0")]
    [InlineData("n_head", "5")]
    [InlineData("classifier_dropout", "1.5")]
    [InlineData("scale_attn_weights", "1")]
    public void Parse_WhatIsNotBuiltOrCannotBe_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("gpt2-clm");
        json[key] = JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FileThatSaysLittle_HasTheValuesOfTransformers()
    {
        var json = JsonNode.Parse("""{"model_type":"gpt2","vocab_size":90,"n_embd":32,"n_layer":2,"n_head":4}""")!.AsObject();

        var config = (Gpt2Config)TestModels.Parse(json);

        Assert.Equal((1024, 128, Activation.GeluTanh), (config.MaxPositions, config.IntermediateSize, config.Activation));
        Assert.Equal((0.1, 0.1, 0.1, 0.1), (config.EmbeddingDropout, config.AttentionDropout, config.ResidualDropout, config.ClassifierDropout));
        Assert.Equal((50256, null), (config.BeginTokenId, config.PadTokenId));
        Assert.Equal([50256], config.EndTokenIds);
        Assert.True(config is { ScalesAttention: true, ScalesAttentionByLayer: false, ComputesAttentionInFloat32: false, TieWordEmbeddings: true });
    }

    [Theory]
    [InlineData("n_inner", "null", 128)]
    [InlineData("n_inner", "128", 128)]
    [InlineData("n_inner", "64", 64)]
    public void ToJson_InnerWidth_StaysAsTheFileSaysItUntilItChanges(string key, string value, int expected)
    {
        var json = TestModels.GoldenConfig("gpt2-clm");
        json[key] = JsonNode.Parse(value);

        var config = TestModels.Parse(json);

        Assert.Equal(expected, config.IntermediateSize);
        Assert.Equal(json.ToJsonString(), config.ToJson().ToJsonString());
        Assert.Equal("96", (config with { IntermediateSize = 96 }).ToJson()[key]!.ToJsonString());
    }

    [Theory]
    [InlineData("[3, 4]", "3,4")]
    [InlineData("[3]", "3")]
    [InlineData("3", "3")]
    [InlineData("null", "")]
    public void Parse_EndTokens_AreOneOrSeveralAndStay(string value, string expected)
    {
        var json = TestModels.GoldenConfig("gpt2-clm");
        json["eos_token_id"] = JsonNode.Parse(value);

        var config = (Gpt2Config)TestModels.Parse(json);

        Assert.Equal(expected, string.Join(',', config.EndTokenIds));
        Assert.Equal(json.ToJsonString(), config.ToJson().ToJsonString());
        Assert.Equal("[5,6]", (config with { EndTokenIds = [5, 6] }).ToJson()["eos_token_id"]!.ToJsonString());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Forward_OtherScalesOfAttention_AreThoseOfTheQueries(bool byWidth, bool byLayer)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var plain = (GptDecoder)Architecture.Create(ModelHead.Encoder, Config with { InitializerRange = 0.2 }, seed: 1);
        using var other = (GptDecoder)Architecture.Create(
            ModelHead.Encoder, (Gpt2Config)Config with { InitializerRange = 0.2, ScalesAttention = byWidth, ScalesAttentionByLayer = byLayer },
            seed: 1);
        var different = other.forward(new(Ids(2, 12))).LastHiddenState;
        foreach (var (i, layer) in other.Layers.Index())
            layer.QueryKeyValue.Matrix[..32] = layer.QueryKeyValue.Matrix[..32] * ((byWidth ? 1 : 1 / Math.Sqrt(8)) * (byLayer ? i + 1 : 1));

        var expected = plain.forward(new(Ids(2, 12))).LastHiddenState;

        Assert.True(expected.allclose(other.forward(new(Ids(2, 12))).LastHiddenState, 1e-4, 1e-5));
        Assert.False(expected.allclose(different, 1e-3, 1e-3));
    }

    [Fact]
    public void Forward_AttentionInFloat32_ChangesBFloat16Only()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var plain = (Backbone)Architecture.Create(ModelHead.Encoder, Config with { InitializerRange = 0.5 }, seed: 1);
        using var wide = (Backbone)Architecture.Create(
            ModelHead.Encoder, (Gpt2Config)Config with { InitializerRange = 0.5, ComputesAttentionInFloat32 = true }, seed: 1);
        Tensor Pass(Backbone model, ComputePrecision precision) => model.forward(new(Ids(2, 12)), precision: precision).LastHiddenState;

        Assert.True(Pass(plain, ComputePrecision.Float32).equal(Pass(wide, ComputePrecision.Float32)).all().item<bool>());
        Assert.False(Pass(plain, ComputePrecision.BFloat16).equal(Pass(wide, ComputePrecision.BFloat16)).all().item<bool>());
    }

    [Fact]
    public void Load_OlderFileWithoutPrefixAndWithCausalMasks_IsComplete()
    {
        using var scope = NewDisposeScope();
        using var model = Architecture.Create(ModelHead.CausalLanguageModel, Config, seed: 1);
        using var older = MemoryWeights.FromTensors(
        [
            .. model.CheckpointWeights().Select(weight => Of(weight.Name.Replace("transformer.", "", StringComparison.Ordinal), weight.Slice())),
            Of("h.0.attn.bias", ones(1, 1, 16, 16)), Of("h.0.attn.masked_bias", ones(1)),
            Of("lm_head.weight", model.Backbone.WordEmbeddings),
        ]);

        using var again = Architecture.Load(ModelHead.CausalLanguageModel, Config, older, out var report, seed: 2);

        Assert.True(report.IsComplete);
        Assert.Equal(["h.0.attn.bias", "h.0.attn.masked_bias", "lm_head.weight"], report.IgnoredKeys);
        Assert.True(again.Config.TieWordEmbeddings);

        static TensorData Of(string name, Tensor values) =>
            TensorData.From<float>(name, SafetensorsDtype.F32, values.shape, values.detach().contiguous().data<float>().ToArray());
    }
}

/// <summary>With everything that files seldom ask for.</summary>
public class UnusualGpt2ConformanceTests : DecoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Gpt2;

    protected override ModelConfig Config => (Gpt2Config)base.Config with
    {
        IntermediateSize = 40,
        ScalesAttentionByLayer = true,
        ComputesAttentionInFloat32 = true,
        Activation = Activation.Relu,
        TieWordEmbeddings = false,
    };
}
