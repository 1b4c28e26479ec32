using System.Text.Json.Nodes;
using MlNetBert.Models.Bart;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class BartConformanceTests : SequenceToSequenceConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Bart;

    protected override ModelConfig Vivid => Config with { InitializerRange = 0.2 };

    [Theory]
    [InlineData("encoder_layerdrop", "0.1")]
    [InlineData("decoder_layerdrop", "0.1")]
    [InlineData("activation_function", "\"swiglu\"")]
    [InlineData("d_model", "33")]
    [InlineData("decoder_layers", "0")]
    [InlineData("decoder_attention_heads", "5")]
    [InlineData("decoder_ffn_dim", "0")]
    [InlineData("max_position_embeddings", "0")]
    [InlineData("attention_dropout", "1")]
    [InlineData("activation_dropout", "-1")]
    [InlineData("decoder_start_token_id", "null")]
    [InlineData("init_std", "-1")]
    public void Parse_WhatIsNotBuiltOrCannotBe_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("bart-denoising");
        json[key] = JsonNode.Parse(value);

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FileThatSaysLittle_HasTheValuesOfTransformers()
    {
        var json = JsonNode.Parse("""
            {"model_type":"bart","vocab_size":90,"d_model":32,"encoder_layers":1,"decoder_layers":2,"encoder_attention_heads":4,
             "decoder_attention_heads":8,"encoder_ffn_dim":64,"decoder_ffn_dim":48}
            """)!.AsObject();

        var config = (BartConfig)TestModels.Parse(json);

        Assert.Equal((1, 2, 4, 8, 64, 48), (config.LayerCount, config.DecoderLayerCount, config.HeadCount, config.DecoderHeadCount, config.IntermediateSize, config.DecoderIntermediateSize));
        Assert.Equal((1024, Activation.Gelu, false, true), (config.MaxPositions, config.Activation, config.ScalesEmbeddings, config.TieWordEmbeddings));
        Assert.Equal((0.1, 0.0, 0.0, 0.0), (config.Dropout, config.AttentionDropout, config.ActivationDropout, config.ClassifierDropout));
        Assert.Equal((1, 0, 2), (config.PadTokenId, config.BeginTokenId, config.DecoderStartTokenId));
        Assert.Equal([2], config.EndTokenIds);
        Assert.Equal([2], config.ForcedEndTokenIds);
    }

    [Fact]
    public void Forward_ScaledEmbeddings_AreThoseOfWiderRows()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var scaled = Architecture.Create(ModelHead.Encoder, (BartConfig)Vivid with { ScalesEmbeddings = true }, seed: 1);
        using var plain = Architecture.Create(ModelHead.Encoder, Vivid, seed: 1);
        plain.Backbone.WordEmbeddings.mul_(Math.Sqrt(32));

        var (one, other) = (scaled.Backbone.forward(new(Ids(2, 9))), plain.Backbone.forward(new(Ids(2, 9))));

        Assert.True(one.LastHiddenState.allclose(other.LastHiddenState, 1e-5, 1e-5));
    }

    [Fact]
    public void Forward_DropoutOfBothStacks_DrawsUnlikeMasks()
    {
        using var scope = NewDisposeScope();
        using var model = (SequenceToSequenceModel)Architecture.Create(ModelHead.SequenceToSequence, Vivid.WithDropout(0.5), seed: 1);
        model.train();
        model.SeedDropout(3);
        var encoded = model.Encoder.forward(new(Ids(2, 12)), allHiddenStates: true);
        var decoded = model.Decoder.forward(new(Ids(2, 12)) { Encoded = new(encoded.LastHiddenState) }, allHiddenStates: true);

        var (one, other) = (encoded.HiddenStates[0].eq(0), decoded.HiddenStates[0].eq(0));

        Assert.InRange(one.to(ScalarType.Float32).mean().item<float>(), 0.4, 0.6);
        Assert.InRange(one.eq(other).to(ScalarType.Float32).mean().item<float>(), 0.4, 0.6);
    }

    [Fact]
    public void TrainableParameters_BiasOfTheLogits_IsAConstantThatNoStepChanges()
    {
        using var scope = NewDisposeScope();
        using var model = (SequenceToSequenceModel)Architecture.Create(ModelHead.SequenceToSequence, Vivid, seed: 1);
        var bias = model.CheckpointWeights().Single(weight => weight.Name == "final_logits_bias");

        model.Backward(LossSum(model));

        Assert.Equal([1L, 50], bias.Shape);
        Assert.Equal([bias.Parameter], model.parameters().Where(parameter => !parameter.requires_grad));
        Assert.Null(bias.Parameter.grad);
    }

    [Fact]
    public void Forward_BiasOfTheLogits_IsAddedToThem()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = (SequenceToSequenceModel)Architecture.Create(ModelHead.SequenceToSequence, Vivid, seed: 1);
        var before = model.forward(new(Ids(1, 5)), Ids(1, 4));
        model.CheckpointWeights().Single(weight => weight.Name == "final_logits_bias").Slice()[0, 7] = 3;

        var difference = model.forward(new(Ids(1, 5)), Ids(1, 4)).sub(before);

        Assert.True(difference[.., .., 7].sub(3).abs().max().item<float>() < 1e-5);
        Assert.Equal(0, difference[.., .., ..7].abs().max().item<float>());
    }
}

/// <summary>With everything that files seldom ask for; without kernels.</summary>
public class UnusualBartConformanceTests : SequenceToSequenceConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Bart;

    protected override ModelConfig Config => (BartConfig)base.Config with
    {
        DecoderHeads = 2,
        DecoderInnerSize = 24,
        Activation = Activation.Relu,
        ScalesEmbeddings = true,
        TieWordEmbeddings = false,
    };

    protected override ModelConfig Vivid => (BartConfig)Config with { InitializerRange = 0.2, DecoderLayerCount = 1 };
}
