using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Bert;
using MlNetBert.Models.ModernBert;

namespace MlNetBert.Models.Tests;

public sealed class ModelConfigTests
{
    [Fact]
    public void ToJson_LabelsOfOneName_AreWrittenWithTheLastAsTheNamesId()
    {
        var json = JsonNode.Parse(File.ReadAllText(TestPaths.Golden("bert-sequence-classification", "config.json")))!.AsObject();
        json["id2label"] = new JsonObject { ["0"] = "b", ["1"] = "a", ["2"] = "b" };
        json["label2id"] = new JsonObject { ["b"] = 2, ["a"] = 1 };

        var written = TestModels.ParseBert(json).ToJson();

        Assert.Equal("""{"0":"b","1":"a","2":"b"}""", written["id2label"]!.ToJsonString());
        Assert.Equal("""{"b":2,"a":1}""", written["label2id"]!.ToJsonString());
    }

    [Fact]
    public void ToJson_UnknownKeysAndOlderSpellings_AreKept()
    {
        var json = JsonNode.Parse("""{"vocab_size":10,"_name_or_path":"x","hidden_act":"gelu_new","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":16,"max_position_embeddings":8,"custom":{"a":[1,2.50]},"layer_norm_eps":0.000000000001,"torch_dtype":"float16","model_type":"bert"}""")!.AsObject();
        var config = TestModels.ParseBert(json) with { Dtype = "float32" };

        var written = config.ToJson();

        Assert.Equal(json.Select(entry => entry.Key), written.Select(entry => entry.Key).Take(json.Count));
        Assert.Equal("gelu_new", written["hidden_act"]!.GetValue<string>());
        Assert.Equal("""{"a":[1,2.50]}""", written["custom"]!.ToJsonString());
        Assert.Equal("0.000000000001", written["layer_norm_eps"]!.ToJsonString());
        Assert.Equal("float32", written["torch_dtype"]!.GetValue<string>());
        Assert.False(written.ContainsKey("dtype"));
    }

    [Fact]
    public void ToJson_OfAConfigurationMadeHere_HasTheKeysOfTransformers()
    {
        var bert = ModelArchitecture.Bert.CreateConfig(ModelSize.Mini, 8000, 128, TestModels.Tokens) with
        {
            Architectures = ["BertForMaskedLM"],
            Dtype = "float32",
        };
        var modern = ModelArchitecture.ModernBert.CreateConfig(ModelSize.Mini, 8000, 128, TestModels.Tokens) with
        {
            Architectures = ["ModernBertForMaskedLM"],
            Dtype = "float32",
        };

        Assert.Equal(TestModels.GoldenConfig("bert-mlm").Select(entry => entry.Key), bert.ToJson().Select(entry => entry.Key));
        Assert.Equal(TestModels.GoldenConfig("modernbert-mlm").Select(entry => entry.Key), modern.ToJson().Select(entry => entry.Key));
        Assert.Equal(682, modern.IntermediateSize);
        var mpnet = ModelArchitecture.MPNet.CreateConfig(ModelSize.Mini, 8000, 128, TestModels.Tokens) with
        {
            Architectures = ["MPNetForMaskedLM"],
            Dtype = "float32",
        };
        Assert.Equal(TestModels.GoldenConfig("mpnet-mlm").Select(entry => entry.Key), mpnet.ToJson().Select(entry => entry.Key));
        var deberta = ModelArchitecture.DebertaV2.CreateConfig(ModelSize.Mini, 8000, 128, TestModels.Tokens) with
        {
            Architectures = ["DebertaV2ForMaskedLM"],
            Dtype = "float32",
        };
        Assert.Equal(TestModels.GoldenConfig("deberta-v2-mlm").Select(entry => entry.Key), deberta.ToJson().Select(entry => entry.Key));
        Assert.Equal(bert.ToJsonString(), ModelArchitecture.ReadConfig(Encoding.UTF8.GetBytes(bert.ToJsonString()), "x").ToJsonString());
        Assert.Equal(modern.ToJsonString(), ModelArchitecture.ReadConfig(Encoding.UTF8.GetBytes(modern.ToJsonString()), "x").ToJsonString());
    }

    [Theory]
    [InlineData("position_embedding_type", "\"relative_key\"")]
    [InlineData("is_decoder", "true")]
    [InlineData("add_cross_attention", "true")]
    [InlineData("hidden_act", "\"mish\"")]
    [InlineData("hidden_size", "\"large\"")]
    [InlineData("hidden_size", "33")]
    [InlineData("num_hidden_layers", "null")]
    [InlineData("vocab_size", "-1")]
    [InlineData("hidden_dropout_prob", "1.5")]
    [InlineData("problem_type", "\"ranking\"")]
    [InlineData("id2label", "{\"0\":\"a\",\"2\":\"b\"}")]
    [InlineData("architectures", "[1]")]
    public void Parse_BertWithAValueNotSupported_NamesKeyAndFile(string key, string value)
    {
        var json = TestModels.GoldenConfig("bert-mlm");
        json[key] = JsonNode.Parse(value);

        var exception = Assert.Throws<ModelConfigFormatException>(() => TestModels.ParseBert(json));

        Assert.Contains(key, exception.Message, StringComparison.Ordinal);
        Assert.Equal("config.json", exception.FilePath);
    }

    [Theory]
    [InlineData("hidden_activation", "\"mish\"")]
    [InlineData("classifier_pooling", "\"max\"")]
    [InlineData("layer_types", "[\"full_attention\"]")]
    [InlineData("layer_types", "[\"linear_attention\",\"full_attention\",\"full_attention\",\"full_attention\"]")]
    [InlineData("rope_type", "\"yarn\"")]
    public void Parse_ModernBertWithAValueNotSupported_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("modernbert-mlm");
        (key == "rope_type" ? json["rope_parameters"]!["full_attention"]!.AsObject() : json)[key] = JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.ParseModernBert(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OlderModernBertKeys_MeanTheSame()
    {
        var json = TestModels.GoldenConfig("modernbert-mlm");
        var expected = TestModels.ParseModernBert(json.DeepClone().AsObject());
        json.Remove("layer_types");
        json.Remove("rope_parameters");
        json["global_rope_theta"] = 160000.0;
        json["local_rope_theta"] = 10000.0;

        var config = TestModels.ParseModernBert(json);

        Assert.Equal(expected.LocalLayers, config.LocalLayers);
        Assert.Equal((expected.GlobalRopeTheta, expected.LocalRopeTheta), (config.GlobalRopeTheta, config.LocalRopeTheta));
        Assert.False(config.ToJson().ContainsKey("layer_types"));
    }

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "model_type")]
    [InlineData("""{"model_type":"marian"}""", "bert, modernbert, mpnet, roberta, xlm-roberta, camembert, deberta-v2")]
    [InlineData("""{"model_type":"bert","model_type":"bert"}""", "model_type")]
    public void ReadConfig_NoConfiguration_SaysWhatWasExpected(string text, string expected)
    {
        var exception = Assert.Throws<ModelConfigFormatException>(() => ModelArchitecture.ReadConfig(Encoding.UTF8.GetBytes(text), "dir/config.json"));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bert-sequence-classification")]
    [InlineData("modernbert-sequence-classification")]
    public void ReadConfig_DamagedFile_ThrowsTheTypedExceptionOrReads(string name)
    {
        var original = File.ReadAllBytes(TestPaths.Golden(name, "config.json"));
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.OneOf(Gen.Byte, Gen.Int[0, 12].Select(i => " {}[]\",:-0e9\\u"u8[i])), Gen.Int[0, 5], Gen.Int[0, original.Length - 1]).Sample((at, value, kind, other) =>
        {
            var bytes = original.ToArray();
            bytes[at] = value;
            if (kind == 0)
                bytes = bytes[..at];
            else if (kind == 1)
                bytes = [.. bytes[..at], .. original[other..Math.Min(original.Length, other + 8)], .. bytes[at..]];
            try
            {
                _ = ModelArchitecture.ReadConfig(bytes, "config.json").ToJsonString();
            }
            catch (ModelConfigFormatException)
            {
            }
        }, iter: 2500);
    }

    [Theory]
    [InlineData("num_hidden_layers", 9999)]
    [InlineData("num_hidden_layers", 2_000_000_000)]
    [InlineData("vocab_size", 60_000_000)]
    [InlineData("hidden_size", 260_000)]
    [InlineData("max_position_embeddings", 2_000_000_000)]
    [InlineData("num_labels", -1)]
    public void Load_ConfigurationFarTooLarge_IsRefusedBeforeMemoryRunsOut(string key, int value)
    {
        var json = TestModels.GoldenConfig("bert-mlm");
        json[key] = value;
        using var weights = ModelDirectory.Open(TestPaths.Golden("bert-mlm")).OpenWeights();

        Assert.Throws<ModelConfigFormatException>(() => (MaskedLanguageModel)ModelArchitecture.Bert.Load(ModelHead.MaskedLanguageModel, TestModels.ParseBert(json), weights, out _));
    }

    [Fact]
    public void Parse_UnknownSizeOrArchitecture_ListsThoseThereAre()
    {
        Assert.Same(ModelSize.MiniLm, ModelSize.Parse("MiniLM"));
        Assert.Contains("tiny, mini", Assert.Throws<ArgumentException>(() => ModelSize.Parse("huge")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "bert, modernbert, mpnet, roberta, xlm-roberta, camembert, deberta-v2",
            Assert.Throws<ArgumentException>(() => ModelArchitecture.Get("bert-base-uncased")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ConfigurationThatDoesNotFitTogether_ListsEveryFault()
    {
        var config = (BertConfig)TestModels.TinyConfig("bert") with { HeadCount = 5, PadTokenId = 50 };

        var exception = Assert.Throws<InvalidOptionsException>(() => (MaskedLanguageModel)ModelArchitecture.Bert.Create(ModelHead.MaskedLanguageModel, config, 1));

        Assert.Equal(2, exception.Errors.Count);
        Assert.Throws<ArgumentException>(() => (MaskedLanguageModel)ModelArchitecture.ModernBert.Create(ModelHead.MaskedLanguageModel, config, 1));
        Assert.IsType<ModernBertConfig>(TestModels.TinyConfig("modernbert"));
    }
}
