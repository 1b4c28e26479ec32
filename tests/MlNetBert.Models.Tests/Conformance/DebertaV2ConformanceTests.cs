using System.Text.Json.Nodes;
using MlNetBert.Models.DebertaV2;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class DebertaV2ConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.DebertaV2;

    [Fact]
    public void Forward_PositionIds_AreRefusedWhereThereIsNoTableOfThem()
    {
        using var scope = NewDisposeScope();
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        using var learned = Architecture.Create(ModelHead.Encoder, (DebertaV2Config)Config with { AddsPositions = true }, seed: 1);
        var ids = Ids(1, 4);

        Assert.Contains(
            "position ids", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(ids) { PositionIds = ids })).Message,
            StringComparison.Ordinal);
        var plain = learned.Backbone.forward(new(ids)).LastHiddenState;
        Assert.True(plain.allclose(
            learned.Backbone.forward(new(ids) { PositionIds = arange(4, ScalarType.Int64).unsqueeze(0) }).LastHiddenState, 1e-5, 1e-6));
        Assert.False(
            plain.allclose(
                learned.Backbone.forward(new(ids) { PositionIds = arange(1, 5, ScalarType.Int64).unsqueeze(0) }).LastHiddenState, 1e-3,
                1e-3));
    }

    // From transformers' make_log_bucket_position: 8 buckets, 24 positions: up to 4 as they are, then ceil(ln(d / 4) / ln(23 / 4) · 3) + 4.
    [Theory]
    [InlineData(0, 8)]
    [InlineData(-1, 9)]
    [InlineData(1, 7)]
    [InlineData(-4, 12)]
    [InlineData(-5, 13)]
    [InlineData(-7, 13)]
    [InlineData(-8, 14)]
    [InlineData(-12, 14)]
    [InlineData(-13, 15)]
    [InlineData(-23, 15)]
    [InlineData(5, 3)]
    [InlineData(8, 2)]
    [InlineData(23, 1)]
    public void RowsOf_KeysBehindAQuery_AreThoseOfTransformers(int distance, int expected)
    {
        var config = (DebertaV2Config)TestModels.Parse(TestModels.GoldenConfig("deberta-v2-mlm"));

        Assert.Equal(expected, DistanceTable.RowsOf(config, 24)[distance + 23]);
    }

    [Fact]
    public void RowsOf_DistancesBeyondTheTable_AreItsEnds()
    {
        var rows = DistanceTable.RowsOf((DebertaV2Config)Config with { MaxDistance = 3 }, 8);

        Assert.Equal([5, 5, 5, 5, 5, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0], rows);
    }

    [Fact]
    public void CreateConfig_LongAndShortSequences_HaveBucketsOrARowForEachDistance()
    {
        var tokens = new ModelTokenIds(0, 1, 2);
        var (longer, shorter) =
            ((DebertaV2Config)Architecture.CreateConfig(ModelSize.Mini, 100, 512, tokens),
                (DebertaV2Config)Architecture.CreateConfig(ModelSize.Mini, 100, 128, tokens));

        Assert.Equal((256, 256), (longer.DistanceBuckets, longer.DistanceSpan));
        Assert.Equal((-1, 128), (shorter.DistanceBuckets, shorter.DistanceSpan));
        Assert.Empty(longer.Validate());
    }

    [Theory]
    [InlineData("z_steps", "2")]
    [InlineData("embedding_size", "16")]
    [InlineData("pooler_hidden_size", "16")]
    [InlineData("attention_head_size", "16")]
    [InlineData("pos_att_type", "\"p2c|p2p\"")]
    [InlineData("pos_att_type", "[\"p2p\"]")]
    [InlineData("norm_rel_ebd", "\"batch_norm\"")]
    [InlineData("conv_kernel_size", "4")]
    [InlineData("conv_groups", "5")]
    [InlineData("conv_act", "\"mish\"")]
    [InlineData("position_buckets", "1")]
    [InlineData("position_buckets", "44")]
    [InlineData("type_vocab_size", "-1")]
    [InlineData("is_decoder", "true")]
    public void Parse_WhatIsNotBuiltOrCannotBe_NamesTheKey(string key, string value)
    {
        var json = TestModels.GoldenConfig("deberta-v2-mlm");
        json[key] = JsonNode.Parse(value);
        if (key == "position_buckets" && value == "44")
            json["max_relative_positions"] = 10;

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"p2c|c2p\"")]
    [InlineData("\"C2P | p2c\"")]
    [InlineData("[\"c2p\", \"p2c\"]")]
    public void Parse_TermsInAnotherForm_MeanTheSameAndAreKept(string terms)
    {
        var json = TestModels.GoldenConfig("deberta-v2-mlm");
        json["pos_att_type"] = JsonNode.Parse(terms);

        var config = (DebertaV2Config)TestModels.Parse(json);

        Assert.True(config.ContentToPosition && config.PositionToContent);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(terms), config.ToJson()["pos_att_type"]));
        Assert.Equal("""["p2c"]""", (config with { DistanceTerms = ["p2c"] }).ToJson()["pos_att_type"]!.ToJsonString());
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\" | \"", "")]
    [InlineData("[]", "")]
    [InlineData("\"p2c|\"", "p2c")]
    public void Parse_EmptyTerms_AreNoneAsInTransformers(string terms, string expected)
    {
        var json = TestModels.GoldenConfig("deberta-v2-mlm");
        json["pos_att_type"] = JsonNode.Parse(terms);

        var config = (DebertaV2Config)TestModels.Parse(json);

        Assert.Equal(expected, string.Join("|", config.DistanceTerms));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(terms), config.ToJson()["pos_att_type"]));
    }

    [Fact]
    public void Parse_FileThatSaysLittle_HasTheValuesOfTransformers()
    {
        var config = (DebertaV2Config)TestModels.Parse(JsonNode.Parse("""{"model_type":"deberta-v2","vocab_size":9,"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":4}""")!.AsObject());

        Assert.Equal(
            (512, 0, -1, -1, 0),
            (config.MaxPositions, config.TokenTypes, config.MaxDistance, config.DistanceBuckets, config.ConvolutionWidth));
        Assert.Equal(
            (true, false, false, false, true),
            (config.AddsPositions, config.KnowsDistances, config.SharesProjections, config.NormalizesDistances, config.HasLegacyHead));
        Assert.Equal((1e-7, Activation.Gelu, 0.0), (config.LayerNormEpsilon, config.PoolerActivation, config.PoolerDropout));
    }

    /// <summary>Microsoft's checkpoints have the head under the published names, and no key 'legacy'.</summary>
    [Fact]
    public void Load_PublishedHeadWithoutTheKey_IsNamedAsUnusedAndMissing()
    {
        var config = (DebertaV2Config)TestModels.Parse(TestModels.GoldenConfig("deberta-v2-mlm"));
        using var published = Architecture.Create(ModelHead.MaskedLanguageModel, config with { HasLegacyHead = false }, seed: 1);
        using var saved = MemoryWeights.FromTensors(Weights.ToTensors(published));

        using var wrong = Architecture.Load(ModelHead.MaskedLanguageModel, config, saved, out var lacking);
        using var right = Architecture.Load(ModelHead.MaskedLanguageModel, config with { HasLegacyHead = false }, saved, out var whole);

        Assert.Contains("cls.predictions.transform.dense.weight", lacking.MissingKeys);
        Assert.Contains("lm_predictions.lm_head.dense.weight", lacking.UnexpectedKeys);
        Assert.Empty(lacking.MissingInBackbone);
        Assert.True(whole.IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CheckpointWeights_OfAnUntiedDecoder_AreThereInTheLegacyHeadOnly(bool legacy)
    {
        var config = (DebertaV2Config)Config with { TieWordEmbeddings = false, HasLegacyHead = legacy };
        using var model = Architecture.Create(ModelHead.MaskedLanguageModel, config, seed: 1);

        Assert.Equal(legacy, model.CheckpointWeights().Any(weight => weight.Name == "cls.predictions.decoder.weight"));
    }

    [Theory]
    [InlineData(3, 1, Activation.Gelu)]
    [InlineData(5, 4, Activation.Tanh)]
    [InlineData(1, 1, Activation.Tanh)]
    public void Forward_Convolution_IsTheSumOfNeighborsBesideTheFirstLayer(int width, int groups, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var config = (DebertaV2Config)Config with
        {
            LayerCount = 1,
            ConvolutionWidth = width,
            ConvolutionGroups = groups,
            ConvolutionActivation = activation,
        };
        using var model = (DebertaV2Encoder)Architecture.Create(ModelHead.Encoder, config, seed: 1);
        using var without = (DebertaV2Encoder)Architecture.Create(ModelHead.Encoder, config with { ConvolutionWidth = 0 }, seed: 1);
        model.eval();
        without.eval();
        var named = model.CheckpointWeights().ToDictionary(weight => weight.Name, weight => weight.Slice());
        named["encoder.conv.conv.bias"].add_(0.1);
        var states = model.forward(new(Ids(1, 7)), allHiddenStates: true).HiddenStates;
        var plain = without.forward(new(Ids(1, 7))).LastHiddenState[0];                      // [sequence, hidden]
        var (embedded, kernel, wide) = (states[0][0], named["encoder.conv.conv.weight"], config.HiddenSize / groups);
        var sums = zeros_like(embedded);
        for (var place = 0; place < 7; place++)
        {
            for (var output = 0; output < config.HiddenSize; output++)
            {
                var sum = 0.1;
                for (var tap = 0; tap < width; tap++)
                {
                    if (place + tap - (width / 2) is >= 0 and < 7 and var neighbor)
                        sum += kernel[output, .., tap].mul(
                            embedded[neighbor, (output / wide * wide)..((output / wide * wide) + wide)]).sum().item<float>();
                }

                sums[place, output] = (float)sum;
            }
        }

        var expected = nn.functional.layer_norm(
            plain + (activation == Activation.Tanh ? sums.tanh() : nn.functional.gelu(sums)), [config.HiddenSize], eps: 1e-7);

        Assert.True(expected.allclose(states[1][0], 1e-4, 1e-4));
    }

    [Fact]
    public void Forward_ConvolutionOfAPaddedBatch_GivesEachTextWhatItHasAlone()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var model = Architecture.Create(ModelHead.Encoder, (DebertaV2Config)Config with { ConvolutionWidth = 3 }, seed: 1);
        model.eval();
        foreach (var length in new[] { 11, 5 }) // with its padding, and with it taken out
        {
            var ids = Ids(2, 12);
            var mask = ones_like(ids);
            mask[1, length..] = 0;

            var together = model.Backbone.forward(new(ids, mask)).LastHiddenState;
            var alone = model.Backbone.forward(new(ids[1..2, ..length])).LastHiddenState;

            Assert.True(together[1, ..length].sub(alone[0]).abs().max().item<float>() < 1e-5, $"{length}");
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Backward_OneKindOfTerms_GivesTheGradientsOfThePlainPassWithCheckpointing(bool toPosition, bool toContent)
    {
        using var scope = NewDisposeScope();
        var config = (DebertaV2Config)Config with
        {
            DistanceTerms = [.. toPosition ? new[] { "c2p" } : [], .. toContent ? new[] { "p2c" } : []],
            SharesProjections = false,
            ConvolutionWidth = 3,
        };
        var gradients = new[] { false, true }.Select(checkpointing =>
        {
            var model = (MaskedLanguageModel)Architecture.Create(ModelHead.MaskedLanguageModel, config, seed: 1);
            model.ActivationCheckpointing = checkpointing;
            model.train();
            model.Backward(model.Head.LossSum(model.Backbone.forward(new(Ids(2, 12))).LastHiddenState.flatten(0, 1), Ids(2, 12).flatten()));
            return model.named_parameters().Select(p => (p.name, p.parameter.grad)).ToList();
        }).ToList();

        foreach (var (plain, other) in gradients[0].Zip(gradients[1]))
        {
            Assert.Equal(plain.grad is null, other.grad is null);
            Assert.True(plain.grad is null || plain.grad.allclose(other.grad!, 1e-4, 1e-4), plain.name);
        }

        // A key's bias is the same to all scores of a query; the table of distances learns where somebody looks into it.
        Assert.Equal(toPosition || toContent, gradients[0].Single(p => p.name == "encoder.distances.weight").grad is not null);
    }
}
