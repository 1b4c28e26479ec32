namespace MlNetBert.HuggingFace;

/// <summary>
/// A member of an options record that says nothing of what is done: data, listeners, cancellation. Two records are equal whatever it holds.
/// </summary>
/// <param name="value">The value.</param>
internal readonly struct Aside<T>(T value) : IEquatable<Aside<T>>
{
    /// <summary>The value.</summary>
    public T Value { get; } = value;

    /// <inheritdoc/>
    public bool Equals(Aside<T> other) => true;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Aside<T>;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;
}
