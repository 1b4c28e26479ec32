using MlNetBert.Models;

namespace MlNetBert.Tests.Common;

/// <summary>What every architecture keeps whose positions attend in both directions.</summary>
public abstract class EncoderConformanceTests : ArchitectureConformanceTests
{
    [Fact]
    public void Forward_Causal_IsRefused()
    {
        using var model = Architecture.Create(ModelHead.Encoder, Config, seed: 1);
        using var ids = Ids(1, 4);

        Assert.Contains("both directions", Assert.Throws<ArgumentException>(() => model.Backbone.forward(new(ids) { Causal = true })).Message, StringComparison.Ordinal);
        model.Backbone.forward(new(ids) { Causal = false }).Dispose();
    }
}
