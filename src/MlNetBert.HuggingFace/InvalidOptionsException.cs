namespace MlNetBert;

/// <summary>An options object holds values that cannot be: one exception that lists every fault.</summary>
public sealed class InvalidOptionsException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="optionsName">The name of the options type, such as <c>HubOptions</c>.</param>
    /// <param name="errors">Every fault: the property, its value and what it must be. At least one.</param>
    public InvalidOptionsException(string optionsName, IReadOnlyList<string> errors)
        : base(Describe(optionsName, errors))
    {
        OptionsName = optionsName;
        Errors = [.. errors];
    }

    /// <summary>The name of the options type.</summary>
    public string OptionsName { get; }

    /// <summary>Every fault, in the order of the checks.</summary>
    public IReadOnlyList<string> Errors { get; }

    private static string Describe(string optionsName, IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        return faults.Count == 1
            ? $"{optionsName}: {faults[0]}."
            : $"{optionsName} has {faults.Count} faults:{string.Concat(faults.Select(fault => $"{Environment.NewLine}  - {fault}."))}";
    }
}
