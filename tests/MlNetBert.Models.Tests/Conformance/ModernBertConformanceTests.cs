using MlNetBert.Tests.Common;

namespace MlNetBert.Models.Tests.Conformance;

public class ModernBertConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.ModernBert;

    [Fact]
    public void Forward_PositionIds_AreRefused()
    {
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        using var ids = Ids(1, 4);

        Assert.Contains("position ids", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(ids) { PositionIds = ids })).Message, StringComparison.Ordinal);
    }
}
