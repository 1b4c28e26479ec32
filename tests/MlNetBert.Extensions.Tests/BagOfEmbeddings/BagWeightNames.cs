using System.Globalization;
using MlNetBert;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;

namespace Stranger.BagOfEmbeddings;

internal static class BagWeightNames
{
    public const string Prefix = "bag.";

    public static WeightFill Drawn(ModelConfig config) => new(WeightFillKind.Normal, config.InitializerRange);

    public static WeightAliases Aliases(string prefix, bool decodes) => new()
    {
        Prefix = Prefix,
        Tied = [new("head.decoder.weight", prefix + "words.weight", decodes)],
        Outputs = ["classifier."],
    };

    public static IEnumerable<ModelWeight> Backbone(string prefix, BagConfig config, EmbeddingTable words, Norm norm, IReadOnlyList<BagLayer> layers)
    {
        yield return new($"{prefix}words.weight", words.Rows, Drawn(config) with { ZeroRow = config.PadTokenId });
        foreach (var weight in Of($"{prefix}norm", norm))
            yield return weight;
        foreach (var (index, layer) in layers.Index())
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}layers.{index}");
            foreach (var weight in Of($"{name}.inner", layer.Inner, config).Concat(Of($"{name}.output", layer.Output, config)))
                yield return weight;
        }
    }

    public static IEnumerable<ModelWeight> Transform(BagConfig config, Dense dense, Norm norm) =>
        Of("head.dense", dense, config).Concat(Of("head.norm", norm));

    private static IEnumerable<ModelWeight> Of(string name, Dense dense, ModelConfig config) =>
    [
        new($"{name}.weight", dense.Matrix, Drawn(config)) { Layout = WeightLayout.Transposed },
        new($"{name}.bias", dense.Offset!, WeightFill.Zero),
    ];

    private static IEnumerable<ModelWeight> Of(string name, Norm norm) =>
        [new($"{name}.weight", norm.Scale, WeightFill.One), new($"{name}.bias", norm.Offset!, WeightFill.Zero)];
}
