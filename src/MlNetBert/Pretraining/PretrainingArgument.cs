namespace MlNetBert.Pretraining;

/// <summary>An option of the command line that some objectives have; those of one name have values of one type.</summary>
[Experimental("MLNETBERT001")]
public sealed record PretrainingArgument
{
    private PretrainingArgument(string name, string helpName, string description, Type valueType,
        Func<PretrainingOptions, object, PretrainingOptions> set) =>
            (Name, HelpName, Description, ValueType, Set) = (name, helpName, description, valueType, set);

    /// <summary>The name: <c>--mask-probability</c>.</summary>
    public string Name { get; }

    /// <summary>What the help calls the value: <c>VALUE</c>.</summary>
    public string HelpName { get; }

    /// <summary>A sentence for the help, with the default.</summary>
    public string Description { get; }

    /// <summary>The values that it takes; empty where they are not of a list.</summary>
    public IReadOnlyList<string> Choices { get; private init; } = [];

    /// <summary>The name of the option that this one, without a value, is a shorter form of; null where it is none.</summary>
    public string? StandsFor { get; init; }

    /// <summary>Further names that are accepted, and not shown.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    internal Type ValueType { get; }

    internal Func<PretrainingOptions, object, PretrainingOptions> Set { get; }

    /// <summary>Makes an option that takes one of several names.</summary>
    /// <typeparam name="TOptions">The objective's options.</typeparam>
    /// <typeparam name="TValue">What the names stand for.</typeparam>
    /// <param name="name">The name, which begins with two hyphens.</param>
    /// <param name="description">A sentence for the help, with the default.</param>
    /// <param name="choices">The names and what they stand for.</param>
    /// <param name="set">Gives the options with the value.</param>
    /// <returns>The option.</returns>
    public static PretrainingArgument OfChoices<TOptions, TValue>(string name, string description,
        IReadOnlyList<(string Name, TValue Value)> choices, Func<TOptions, TValue, TOptions> set)
        where TOptions : PretrainingOptions
    {
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentNullException.ThrowIfNull(set);
        return Of<TOptions, string>(name, string.Join('|', choices.Select(choice => choice.Name)), description,
            (options, chosen) => set(options, choices.First(choice => choice.Name == chosen).Value)) with
        { Choices = [.. choices.Select(choice => choice.Name)] };
    }

    /// <summary>Makes an option.</summary>
    /// <typeparam name="TOptions">The objective's options.</typeparam>
    /// <typeparam name="TValue">The value: <see cref="double"/>, <see cref="int"/>, <see cref="string"/>, or <see cref="bool"/> for an
    /// option without a value.</typeparam>
    /// <param name="name">The name, which begins with two hyphens.</param>
    /// <param name="helpName">What the help calls the value.</param>
    /// <param name="description">A sentence for the help, with the default.</param>
    /// <param name="set">Gives the options with the value.</param>
    /// <returns>The option.</returns>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    public static PretrainingArgument Of<TOptions, TValue>(string name, string helpName, string description,
        Func<TOptions, TValue, TOptions> set)
        where TOptions : PretrainingOptions
        where TValue : notnull
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(set);
        return typeof(TValue) == typeof(double) || typeof(TValue) == typeof(int) || typeof(TValue) == typeof(string)
            || typeof(TValue) == typeof(bool)
            ? new PretrainingArgument(name, helpName, description, typeof(TValue),
                (options, value) => set((TOptions)options, (TValue)value))
            : throw new ArgumentException($"Expected double, int, string or bool as the type of {name}, found {typeof(TValue).Name}.",
                nameof(set));
    }
}
