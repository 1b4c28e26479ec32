using MlNetBert;
using MlNetBert.Models.Configuration;

namespace Stranger.BagOfEmbeddings;

internal sealed record BagConfig : ModelConfig
{
    public override string ModelType => BagArchitecture.Name;

    public override int? MaxLength => null;

    public override double LayerNormEpsilon { get; init; } = 1e-5;

    public double Dropout { get; init; } = 0.1;

    protected override ConfigKeys Keys => new() { HiddenSize = "dim", Layers = "n_layers", Positions = null };

    public override ModelConfig WithDropout(double probability) => this with { Dropout = probability };

    public override IEnumerable<string> Validate() => base.Validate().Concat(DropoutFaults(("dropout", Dropout)));

    protected override IEnumerable<ConfigEntry> KnownKeys() =>
    [
        .. CommonKeys(),
        ConfigEntry.Activation("activation", Activation),
        ConfigEntry.Real("norm_eps", LayerNormEpsilon),
        ConfigEntry.Real("dropout", Dropout),
    ];
}
