using System.Collections.Immutable;

namespace MlNetBert.HuggingFace;

/// <summary>Things that are found by their name, whatever its case, and to which a program adds its own. Thread-safe.</summary>
/// <param name="kind">What one is called: <c>architecture</c>.</param>
/// <param name="register">The method that programs add by, as messages name it.</param>
/// <param name="nameOf">The name of one.</param>
/// <param name="first">Those of this library.</param>
internal sealed class Registry<T>(string kind, string register, Func<T, string> nameOf, params IEnumerable<T> first)
    where T : class
{
    private ImmutableList<T> _all = [.. first];

    /// <summary>All of them, those of this library first.</summary>
    public IReadOnlyList<T> All => Volatile.Read(ref _all);

    /// <summary>What messages say of what there is.</summary>
    public string Known => $"the {kind}s are {string.Join(", ", All.Select(nameOf))}, and those that a program adds by {register}";

    /// <summary>Adds one.</summary>
    /// <exception cref="ArgumentException">There is one of the same name.</exception>
    public void Add(T item, string parameter) => ImmutableInterlocked.Update(ref _all, all => Find(all, nameOf(item)) is null
        ? all.Add(item)
        : throw new ArgumentException($"There is an {kind} '{nameOf(item)}' already.", parameter));

    /// <summary>The one of a name; null where there is none.</summary>
    public T? Find(string name) => Find(All, name);

    /// <summary>The one of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public T Get(string name, string parameter) =>
        Find(name) ?? throw new ArgumentException($"There is no {kind} '{name}'; {Known}.", parameter);

    /// <summary>The one of a name among some of them; null where there is none.</summary>
    public T? Find(IEnumerable<T> items, string? name) =>
        items.FirstOrDefault(item => string.Equals(nameOf(item), name, StringComparison.OrdinalIgnoreCase));
}
