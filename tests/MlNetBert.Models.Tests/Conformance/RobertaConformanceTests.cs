using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Roberta;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class RobertaConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Roberta;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Forward_WithoutPositionIds_CountsFromTheRowBehindThePadIdOverPadding(int pad)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Architecture.Create(ModelHead.Encoder, Of(pad), seed: 1);
        var ids = Ids(2, 6);
        ids[1, 0] = pad;
        ids[1, 3] = pad;
        var places = tensor(new long[] { 1, 2, 3, 4, 5, 6, 0, 1, 2, 0, 3, 4 }).view(2, 6).add(pad);

        var found = model.Backbone.forward(new(ids)).LastHiddenState;
        var expected = model.Backbone.forward(new(ids) { PositionIds = places }).LastHiddenState;
        var shifted = model.Backbone.forward(new(ids) { PositionIds = places.add(1) }).LastHiddenState;

        Assert.True(found.equal(expected).all().item<bool>());
        Assert.False(found.allclose(shifted, 1e-3, 1e-3));
        // A text without padding takes the rows as they lie.
        Assert.True(model.Backbone.forward(new(ids[0..1])).LastHiddenState[0].allclose(expected[0], 1e-5, 1e-6));
    }

    [Theory]
    [InlineData(0, 25)]
    [InlineData(1, 24)]
    [InlineData(3, 22)]
    public void MaxLength_OfAPadId_LeavesOutTheRowsThatNoTokenTakes(int pad, int expected)
    {
        var json = TestModels.GoldenConfig("roberta-mlm");
        json["pad_token_id"] = pad;
        var config = TestModels.Parse(json);
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Architecture.Create(ModelHead.Encoder, config, seed: 1);

        Assert.Equal(expected, config.MaxLength);
        Assert.Equal(expected, model.Backbone.forward(new(Ids(1, expected))).LastHiddenState.shape[1]);
        Assert.Contains(
            $"{expected} positions", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(Ids(1, expected + 1)))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pad_token_id", "null", "pad_token_id")]
    [InlineData("pad_token_id", "25", "max_position_embeddings")]
    [InlineData("type_vocab_size", "0", "type_vocab_size")]
    [InlineData("position_embedding_type", "\"relative_key\"", "position_embedding_type")]
    public void ReadConfig_WhatCannotBe_NamesTheKey(string key, string value, string named)
    {
        var json = TestModels.GoldenConfig("roberta-mlm");
        json[key] = JsonNode.Parse(value);

        Assert.Contains(named, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xlm-roberta", "XLMRobertaForMaskedLM")]
    [InlineData("camembert", "CamembertForMaskedLM")]
    public void Load_UnderAnotherOfItsNames_TakesRobertasClassesAndSavesItsOwn(string modelType, string className)
    {
        var json = TestModels.GoldenConfig("roberta-mlm");
        json["model_type"] = modelType;
        var config = TestModels.Parse(json);
        using var weights = CheckpointWeights.FromFile(TestPaths.Golden("roberta-mlm", "model.safetensors"));
        var architecture = ModelArchitecture.Of(config);

        var named = architecture.ClassOf(config, weights, out var guess);
        using var model = architecture.Load(named, config, weights, out var report);

        Assert.Null(guess);
        Assert.True(report.IsComplete);
        Assert.Equal(["RobertaForMaskedLM"], config.Architectures);
        Assert.Equal([className], Weights.ConfigOf(model).Architectures);
        Assert.Equal(modelType, Weights.ConfigOf(model).ToJson()["model_type"]!.GetValue<string>());
    }

    private RobertaConfig Of(int pad) =>
        (RobertaConfig)Architecture.CreateConfig(
            new ModelSize("test", 2, 32, 4), vocabularySize: 50, maxPositions: 16, new ModelTokenIds(pad, 4, 5)).WithDropout(0);
}

public class XlmRobertaConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.XlmRoberta;
}

public class CamembertConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Camembert;
}
