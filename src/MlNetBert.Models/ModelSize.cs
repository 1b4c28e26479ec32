namespace MlNetBert;

/// <summary>
/// A published size of a BERT-like model. The inner width of the feed-forward layers is four times the hidden width (ModernBERT: two thirds
/// of that).
/// </summary>
/// <param name="Name">The size's name in lower case.</param>
/// <param name="LayerCount">The number of layers.</param>
/// <param name="HiddenSize">The width of a hidden state.</param>
/// <param name="HeadCount">The number of attention heads.</param>
public sealed record ModelSize(string Name, int LayerCount, int HiddenSize, int HeadCount)
{
    /// <summary>2 × 128, 2 heads.</summary>
    public static ModelSize Tiny { get; } = new("tiny", 2, 128, 2);

    /// <summary>4 × 256, 4 heads.</summary>
    public static ModelSize Mini { get; } = new("mini", 4, 256, 4);

    /// <summary>4 × 512, 8 heads.</summary>
    public static ModelSize Small { get; } = new("small", 4, 512, 8);

    /// <summary>8 × 512, 8 heads.</summary>
    public static ModelSize Medium { get; } = new("medium", 8, 512, 8);

    /// <summary>6 × 384, 12 heads.</summary>
    public static ModelSize MiniLm { get; } = new("minilm", 6, 384, 12);

    /// <summary>12 × 768, 12 heads.</summary>
    public static ModelSize Base { get; } = new("base", 12, 768, 12);

    /// <summary>24 × 1024, 16 heads.</summary>
    public static ModelSize Large { get; } = new("large", 24, 1024, 16);

    /// <summary>Every size, smallest first.</summary>
    public static IReadOnlyList<ModelSize> All { get; } = [Tiny, Mini, Small, Medium, MiniLm, Base, Large];

    /// <summary>The size of a name; case does not matter.</summary>
    /// <param name="name">One of the names in <see cref="All"/>.</param>
    /// <returns>The size.</returns>
    /// <exception cref="ArgumentException">No size has this name; the message lists those there are.</exception>
    public static ModelSize Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(size => string.Equals(size.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"There is no model size '{name}'; the sizes are {string.Join(", ", All.Select(size => size.Name))}.", nameof(name));
    }
}
