using MlNetBert.Tests.Common;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

public class BertConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => ModelArchitecture.Bert;

    [Fact]
    public void Forward_PositionIds_AreTheRowsOfThePositionTable()
    {
        using var scope = NewDisposeScope();
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        var ids = Ids(2, 6);
        var counted = arange(6, ScalarType.Int64).unsqueeze(0).expand(2, 6).contiguous();

        var plain = model.Backbone.forward(new(ids)).LastHiddenState;
        var same = model.Backbone.forward(new(ids) { PositionIds = counted }).LastHiddenState;
        var later = model.Backbone.forward(new(ids) { PositionIds = counted.add(3) }).LastHiddenState;

        Assert.True(plain.allclose(same, 1e-5, 1e-6));
        Assert.False(plain.allclose(later, 1e-3, 1e-3));
    }
}
