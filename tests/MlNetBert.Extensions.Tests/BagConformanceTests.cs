using MlNetBert.Models;
using MlNetBert.Tests.Common;
using Stranger.BagOfEmbeddings;

namespace Stranger;

public class BagConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => BagArchitecture.Instance;

    [Fact]
    public void Faults_OfItsConfiguration_NameItsOwnKeys()
    {
        var faults = string.Join(' ', (Config with { HiddenSize = 0, LayerCount = 0 }).Validate());

        Assert.Contains("dim must be positive", faults, StringComparison.Ordinal);
        Assert.Contains("n_layers must be positive", faults, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_AnyLength_IsTaken()
    {
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        using var ids = Ids(1, 600);

        using var output = model.Backbone.forward(new(ids));

        Assert.Equal([1, 600, 32], output.LastHiddenState.shape);
    }
}
