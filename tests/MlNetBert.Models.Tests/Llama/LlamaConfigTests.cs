using System.Text.Json.Nodes;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Llama;

namespace MlNetBert.Models.Tests.Llama;

public sealed class LlamaConfigTests
{
    private const string Llama3 = """{"factor":4.0,"high_freq_factor":4.0,"low_freq_factor":1.0,"original_max_position_embeddings":16,KEYS}""";

    [Theory]
    [InlineData("""{"rope_parameters":{"rope_theta":500000.0,"rope_type":"default"}}""", """{"rope_theta":500000.0,"rope_scaling":null}""")]
    [InlineData("""{"rope_parameters":{"rope_theta":500000.0,"rope_type":"default"}}""", """{"rope_theta":500000}""")]
    [InlineData("""{"rope_parameters":{"rope_theta":500000.0,"rope_type":"default"}}""", """{"rope_theta":500000.0,"rope_parameters":{"rope_type":"default"}}""")]
    [InlineData("""{"rope_parameters":{"rope_theta":20000.0,"rope_type":"linear","factor":2.0}}""", """{"rope_theta":20000.0,"rope_scaling":{"type":"linear","factor":2.0}}""")]
    [InlineData("LLAMA3", """{"rope_theta":500000.0,"rope_scaling":OLDER}""")]
    public void Parse_BothLayoutsOfRotaryPositions_AreOneConfiguration(string newer, string older)
    {
        newer = newer.Replace("LLAMA3", """{"rope_parameters":""" + Llama3.Replace("KEYS", "\"rope_theta\":500000.0,\"rope_type\":\"llama3\"", StringComparison.Ordinal) + "}", StringComparison.Ordinal);
        var (one, typed) = (Parse(newer), Parse(older.Replace("OLDER", Llama3.Replace("KEYS", "\"type\":\"llama3\"", StringComparison.Ordinal), StringComparison.Ordinal)));
        var other = Parse(older.Replace("OLDER", Llama3.Replace("KEYS", "\"rope_type\":\"llama3\"", StringComparison.Ordinal), StringComparison.Ordinal));

        Assert.Equal(one.Rotary, other.Rotary);
        Assert.Equal(one.Rotary, typed.Rotary);
        Assert.NotEqual(new RotaryPositions(), one.Rotary);
        using var frequencies = one.Rotary.Frequencies(8);
        using var plain = new RotaryPositions().Frequencies(8);
        Assert.NotEqual(plain.data<float>().ToArray(), frequencies.data<float>().ToArray());
    }

    [Theory]
    [InlineData("""{"rope_scaling":{"type":"dynamic","factor":2.0}}""", "rope_scaling.rope_type", "dynamic")]
    [InlineData("""{"rope_scaling":{"rope_type":"yarn","factor":2.0}}""", "rope_scaling.rope_type", "yarn")]
    [InlineData("""{"rope_parameters":{"rope_type":"longrope","factor":2.0}}""", "rope_parameters.rope_type", "longrope")]
    [InlineData("""{"rope_parameters":{"rope_type":"default","partial_rotary_factor":0.5}}""", "rope_parameters.partial_rotary_factor", "0.5")]
    [InlineData("""{"rope_parameters":{"rope_type":"linear"}}""", "rope_parameters.factor", "missing")]
    [InlineData("""{"rope_scaling":{"rope_type":"llama3","factor":2.0,"high_freq_factor":4.0}}""", "rope_scaling.low_freq_factor", "missing")]
    [InlineData("""{"rope_scaling":{"rope_type":"llama3","factor":2.0,"high_freq_factor":1.0,"low_freq_factor":1.0}}""", "high_freq_factor", "1")]
    [InlineData("""{"rope_scaling":{"rope_type":"linear","factor":0.5}}""", "factor", "0.5")]
    [InlineData("""{"rope_theta":0}""", "rope_theta", "0")]
    [InlineData("""{"rope_theta":"much"}""", "rope_theta", "much")]
    [InlineData("""{"rope_scaling":[2]}""", "rope_scaling", "[2]")]
    [InlineData("""{"rope_theta":500000.0,"rope_parameters":{"rope_theta":10000.0}}""", "rope_theta", "500000")]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":2.0},"rope_parameters":{"rope_theta":10000.0}}""", "rope_scaling", "rope_parameters")]
    [InlineData("""{"num_key_value_heads":3}""", "num_key_value_heads", "3")]
    [InlineData("""{"head_dim":7}""", "head_dim", "7")]
    [InlineData("""{"eos_token_id":[1,"x"]}""", "eos_token_id", "x")]
    [InlineData("""{"hidden_act":"quick_gelu"}""", "hidden_act", "quick_gelu")]
    [InlineData("""{"attention_dropout":1.0}""", "attention_dropout", "1")]
    public void Parse_WhatIsNotBuiltOrCannotBe_IsRefusedByName(string keys, string key, string found)
    {
        var exception = Assert.Throws<ModelConfigFormatException>(() => Parse(keys));

        Assert.Contains(key, exception.Message, StringComparison.Ordinal);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FileThatSaysLittle_MeansWhatTransformersMeans()
    {
        var config = Parse("{}");

        Assert.Equal((2048, 4, 8, false), (config.MaxPositions, config.KeyHeads, config.HeadSize, config.TieWordEmbeddings));
        Assert.Equal((null, 1, Activation.Silu, 1e-6), (config.PadTokenId, config.BeginTokenId, config.Activation, config.LayerNormEpsilon));
        Assert.Equal([2], config.EndTokenIds);
    }

    [Theory]
    [InlineData("{}", 4096, 8)]
    [InlineData("""{"sliding_window":null,"num_key_value_heads":2}""", null, 2)]
    [InlineData("""{"sliding_window":6,"num_key_value_heads":null}""", 6, 16)]
    public void Parse_Mistral_HasAWindowAndEightKeysUnlessTheFileSaysNull(string keys, int? window, int keyHeads)
    {
        var json = Json(keys);
        (json["model_type"], json["num_attention_heads"], json["hidden_size"]) = ("mistral", 16, 64);
        var config = (MistralConfig)TestModels.Parse(json);
        var again = (MistralConfig)TestModels.Parse(config.ToJson());

        Assert.Equal((window, keyHeads), (config.Window, config.KeyHeads));
        Assert.Equal((window, keyHeads), (again.Window, again.KeyHeads));
        Assert.Equal(json.ContainsKey("num_key_value_heads"), config.ToJson().ContainsKey("num_key_value_heads"));
        Assert.Equal(json["num_key_value_heads"]?.ToJsonString(), config.ToJson()["num_key_value_heads"]?.ToJsonString());
        Assert.Equal("4", (config with { KeyValueHeads = 4 }).ToJson()["num_key_value_heads"]!.ToJsonString());
        Assert.Equal("16", (config with { KeyValueHeads = null, Source = null }).ToJson()["num_key_value_heads"]!.ToJsonString());
    }

    [Fact]
    public void ToJson_SeveralEndTokens_StayAList()
    {
        var config = Parse("""{"eos_token_id":[2,7]}""");

        Assert.Equal([2, 7], config.EndTokenIds);
        Assert.Equal("[2,7]", config.ToJson()["eos_token_id"]!.ToJsonString());
        Assert.Equal("[2,7]", (config with { Source = null }).ToJson()["eos_token_id"]!.ToJsonString());
        Assert.Equal("5", (config with { EndTokenIds = [5] }).ToJson()["eos_token_id"]!.ToJsonString());
    }

    [Fact]
    public void ToJson_OtherRotaryPositions_AreWrittenInTheLayoutOfTheFile()
    {
        var changed = new RotaryPositions { Theta = 30_000, Scaling = RotaryScaling.Linear, Factor = 3 };

        var older = (Parse("""{"rope_theta":10000.0,"rope_scaling":null}""") with { Rotary = changed }).ToJson();
        var newer = (Parse("""{"rope_parameters":{"rope_theta":10000.0,"rope_type":"default"}}""") with { Rotary = changed }).ToJson();

        Assert.Equal(("30000.0", """{"factor":3.0,"rope_type":"linear"}""", null), (older["rope_theta"]!.ToJsonString(), older["rope_scaling"]!.ToJsonString(), older["rope_parameters"]));
        Assert.Equal(("""{"factor":3.0,"rope_theta":30000.0,"rope_type":"linear"}""", null), (newer["rope_parameters"]!.ToJsonString(), newer["rope_theta"]));
        Assert.Equal(changed, Parsed(older).Rotary with { OriginalPositions = changed.OriginalPositions });
        Assert.Equal(changed, Parsed(newer).Rotary with { OriginalPositions = changed.OriginalPositions });
    }

    private static LlamaConfig Parse(string keys) => Parsed(Json(keys));

    private static LlamaConfig Parsed(JsonObject json) => (LlamaConfig)TestModels.Parse(json);

    private static JsonObject Json(string keys)
    {
        var json = JsonNode.Parse(
            """{"model_type":"llama","vocab_size":160,"hidden_size":32,"intermediate_size":64,"num_hidden_layers":2,"num_attention_heads":4}""")!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject())
            json[key] = value?.DeepClone();
        return json;
    }
}
