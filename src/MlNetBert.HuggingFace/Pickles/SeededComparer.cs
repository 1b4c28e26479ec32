namespace MlNetBert.HuggingFace.Pickles;

/// <summary>
/// Compares as usual and hashes with a seed of the process: whole numbers hash to themselves otherwise, so that a file could put any number
/// of them into one bucket.
/// </summary>
internal sealed class SeededComparer<T> : IEqualityComparer<T>
    where T : notnull
{
    public static SeededComparer<T> Instance { get; } = new();

    public bool Equals(T? x, T? y) => EqualityComparer<T>.Default.Equals(x, y);

    public int GetHashCode(T value) => HashCode.Combine(value);
}
