using System.Globalization;

namespace MlNetBert;

/// <summary>
/// What a model sees of the first blocks in the first epoch of a training, as <see cref="LanguageModelDataCatalog.PreviewCorruption"/>
/// gives it: the very corruption of pretraining with the same data, options and seed.
/// </summary>
public sealed class CorruptionPreview
{
    internal CorruptionPreview(int blockLength, int seed, IReadOnlyList<PreviewedBlock> rows)
    {
        BlockLength = blockLength;
        Seed = seed;
        Rows = rows;
    }

    /// <summary>Tokens of a block.</summary>
    public int BlockLength { get; }

    /// <summary>The seed that the corruption follows from.</summary>
    public int Seed { get; }

    /// <summary>The blocks, in the order of their numbers.</summary>
    public IReadOnlyList<PreviewedBlock> Rows { get; }

    /// <summary>All rows to read: counts in a line, then the text.</summary>
    /// <returns>Several lines.</returns>
    public override string ToString() => string.Join(
        Environment.NewLine,
        Rows.Select(r => string.Create(
            CultureInfo.InvariantCulture,
            $"block {r.Index}: {r.TokenCount} tokens, {r.TargetCount} targets{Choices(r)}{KindOf(r)}{Environment.NewLine}  {r.Text}")
                + Written(r)));

    private static string KindOf(PreviewedBlock row) => (row.PairLabel, row.IsCausal) switch
    {
        ({ } label, _) => string.Create(CultureInfo.InvariantCulture, $", pair label {label}"),
        (_, true) => ", causal",
        (_, false) => ", masked",
        _ => "",
    };

    private static string Choices(PreviewedBlock row) => row.Target.Length > 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $" ({row.MaskedCount} masked, {row.ReplacedCount} replaced, {row.KeptCount} kept)");

    private static string Written(PreviewedBlock row) => row.Target.Length == 0 ? "" : $"{Environment.NewLine}  → {row.Target}";
}
