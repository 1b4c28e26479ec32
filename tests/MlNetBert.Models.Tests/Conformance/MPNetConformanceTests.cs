using MlNetBert.Models.MPNet;
using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class MPNetConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.MPNet;

    [Fact]
    public void Forward_PositionIds_BeginBehindThePaddingRow()
    {
        using var scope = NewDisposeScope();
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        model.eval();
        var ids = Ids(2, 6);
        var counted = arange(2, 8, ScalarType.Int64).unsqueeze(0).expand(2, 6).contiguous();

        var plain = model.Backbone.forward(new(ids)).LastHiddenState;
        var same = model.Backbone.forward(new(ids) { PositionIds = counted }).LastHiddenState;
        var later = model.Backbone.forward(new(ids) { PositionIds = counted.add(3) }).LastHiddenState;

        Assert.True(plain.allclose(same, 1e-5, 1e-6));
        Assert.False(plain.allclose(later, 1e-3, 1e-3));
    }

    [Fact]
    public void Forward_TokenTypes_AreRefused()
    {
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        using var ids = Ids(1, 4);

        Assert.Contains(
            "no segments", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(ids, null, ids))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void MaxLength_OfATableOfPositions_LeavesOutTheTwoBelowTheFirst()
    {
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        using var longest = Ids(1, 16);
        using var longer = Ids(1, 17);

        Assert.Equal(18, ((MPNetConfig)Config).MaxPositions);
        Assert.Equal(16, Config.MaxLength);
        model.Backbone.forward(new(longest)).Dispose();
        Assert.Contains(
            "16 positions", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(longer))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("relative_attention_num_buckets", 31)]
    [InlineData("max_position_embeddings", 2)]
    [InlineData("vocab_size", 1)]
    public void Parse_ValueThatCannotBe_NamesTheKey(string key, int value)
    {
        var json = TestModels.GoldenConfig("mpnet-mlm");
        json[key] = value;

        Assert.Contains(key, Assert.Throws<ModelConfigFormatException>(() => TestModels.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_MoreRelativePositionsThanAreLookedUp_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = (MPNetEncoder)Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        using var larger =
            (MPNetEncoder)Architecture.Create(ModelHead.Encoder, (MPNetConfig)Config with { RelativePositions = 40 }, seed: 1);
        using (no_grad())
        {
            larger.RelativePositions.Rows[..32] = model.RelativePositions.Rows;
            foreach (var (name, parameter) in larger.named_parameters()
                .Where(p => p.parameter.shape.Length > 1 && p.parameter.shape[0] != 40))
                parameter.copy_(model.named_parameters().Single(p => p.name == name).parameter);
        }

        Assert.True(model.forward(new(Ids(1, 12))).LastHiddenState.allclose(larger.forward(new(Ids(1, 12))).LastHiddenState, 1e-6, 1e-6));
    }

    // T5's, of which these are the buckets: 8 exact ones a side, then 8 up to 128 tokens, further ones share the last.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 1)]
    [InlineData(1, 17)]
    [InlineData(-7, 7)]
    [InlineData(-8, 8)]
    [InlineData(-11, 8)]
    [InlineData(-12, 9)]
    [InlineData(-15, 9)]
    [InlineData(-16, 10)]
    [InlineData(16, 26)]
    [InlineData(-127, 15)]
    [InlineData(-90, 14)]
    [InlineData(-91, 15)]
    [InlineData(199, 31)]
    [InlineData(-199, 15)]
    public void Buckets_OfADistance_AreThoseOfThePaper(int distance, int expected) =>
        Assert.Equal(expected, MPNetConfig.DistanceBias.RowsByDistance(200)[distance + 199]);
}
