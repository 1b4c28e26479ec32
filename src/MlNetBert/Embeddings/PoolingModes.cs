using System.Text.Json;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Embeddings;

/// <summary>The poolings of sentence-transformers: their names in files, and what they compute.</summary>
internal static class PoolingModes
{
    private const string Flag = "pooling_mode_";

    // The order of older files, in which several are put together: a flag each, and the name since sentence-transformers 5.4.
    private static readonly (string Flag, string Name, Pooling Pooling)[] Known =
    [
        ("cls_token", "cls", Pooling.Cls),
        ("max_tokens", "max", Pooling.Max),
        ("mean_tokens", "mean", Pooling.Mean),
        ("mean_sqrt_len_tokens", "mean_sqrt_len_tokens", Pooling.MeanSqrtLength),
        ("weightedmean_tokens", "weightedmean", Pooling.WeightedMean),
        ("lasttoken", "lasttoken", Pooling.LastToken),
    ];

    /// <summary>The names of all poolings.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(known => known.Name)];

    /// <summary>The pooling of a name; null where there is none.</summary>
    public static Pooling? Find(string name) =>
        Array.Find(Known, known => known.Name == name) is { Name: not null } found ? found.Pooling : null;

    /// <summary>
    /// The names that a pooling module's config.json says, in their order: <c>pooling_mode</c>, or where that is missing a flag each; the
    /// mean where it says nothing. Flags that are not known count in either case.
    /// </summary>
    /// <exception cref="FormatException">It says something that is no name.</exception>
    public static IReadOnlyList<string> Read(JsonElement config)
    {
        var flags = config.EnumerateObject()
            .Where(p => p.Name.StartsWith(Flag, StringComparison.Ordinal) && p.Value.ValueKind == JsonValueKind.True)
            .Select(p => p.Name[Flag.Length..]).ToList();
        List<string> flagged =
        [
            .. Known.Where(known => flags.Contains(known.Flag, StringComparer.Ordinal)).Select(known => known.Name),
            .. flags.Except(Known.Select(known => known.Flag), StringComparer.Ordinal),
        ];
        if (config.Find("pooling_mode") is not { } mode)
            return flagged.Count > 0 ? flagged : ["mean"];
        List<string> named = mode.ValueKind switch
        {
            JsonValueKind.String => [mode.GetString()!],
            JsonValueKind.Array when mode.EnumerateArray().All(m => m.ValueKind == JsonValueKind.String) =>
                [.. mode.EnumerateArray().Select(m => m.GetString()!)],
            _ => throw new FormatException($"pooling_mode {mode.GetRawText()}, which is neither a name nor a list of names."),
        };
        return [.. named, .. flagged.Where(name => Find(name) is null)];
    }

    /// <summary>Pools.</summary>
    /// <param name="pooling">How.</param>
    /// <param name="hidden">Hidden states [batch, sequence, hidden], float32.</param>
    /// <param name="mask">1 where a token counts [batch, sequence, 1], float32; null where all do. Tokens that count lie one behind the
    /// other.</param>
    /// <returns>[batch, hidden], in the caller's dispose scope.</returns>
    public static Tensor Pool(Pooling pooling, Tensor hidden, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var seen = mask ?? ones(hidden.shape[0], hidden.shape[1], 1, ScalarType.Float32, hidden.device);
        var counts = seen.sum(1);                                                            // [batch, 1]
        return (pooling switch
        {
            Pooling.Cls => At(hidden, seen.squeeze(2).argmax(1)),
            Pooling.LastToken => At(hidden * seen, seen.cumsum(1).squeeze(2).argmax(1)),
            Pooling.Max => hidden.WithValue(seen.IsEqualTo(0), double.NegativeInfinity).amax([1]),
            Pooling.MeanSqrtLength => (hidden * seen).sum(1).div(counts.AtLeast(Least).sqrt()),
            Pooling.WeightedMean => Weighted(hidden, seen * TensorArithmetic.Range(hidden.shape[1], hidden.device).Plus(1).view(1, -1, 1)),
            _ => (hidden * seen).sum(1).div(counts.AtLeast(Least)),
        }).MoveToOuterDisposeScope();
    }

    // A text of which nothing counts, because all of it is the prompt, is all zeros as in sentence-transformers.
    private const double Least = 1e-9;

    private static Tensor Weighted(Tensor hidden, Tensor weights) => (hidden * weights).sum(1).div(weights.sum(1).AtLeast(Least));

    // [batch, sequence, hidden], [batch] → [batch, hidden]
    private static Tensor At(Tensor hidden, Tensor places) =>
        hidden.gather(1, places.view(-1, 1, 1).expand(-1, 1, hidden.shape[2])).squeeze(1);
}
