using System.Text;

namespace MlNetBert.Models.Tests.Conformance;

/// <summary>An architecture from outside keeps what those of the library keep.</summary>
public class BagOfEmbeddingsConformanceTests : EncoderConformanceTests
{
    protected override ModelArchitecture Architecture => BagOfEmbeddings.Instance;

    [Fact]
    public void Register_NewNameThenTheSameAgain_IsFoundAndRefused()
    {
        Register();

        Assert.Same(Architecture, ModelArchitecture.Get("bag"));
        Assert.Contains(Architecture, ModelArchitecture.All);
        Assert.Equal(Config.ToJsonString(), ModelArchitecture.ReadConfig(Encoding.UTF8.GetBytes(Config.ToJsonString()), "config.json").ToJsonString());
        Assert.Contains("'bag' already", Assert.Throws<ArgumentException>(() => ModelArchitecture.Register(Architecture)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ModelArchitecture.Register(ModelArchitecture.Bert));
    }

    [Fact]
    public void Faults_OfItsConfiguration_NameItsOwnKeys()
    {
        var faults = string.Join(' ', (Config with { HiddenSize = 0, Layers = 0 }).Faults());

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
