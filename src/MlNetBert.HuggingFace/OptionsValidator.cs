using System.Collections;
using System.Globalization;

namespace MlNetBert.HuggingFace;

/// <summary>Collects the faults of an options object, to throw them all at once.</summary>
/// <example>
/// <code>
/// new OptionsValidator()
///     .Require(Timeout > TimeSpan.Zero, nameof(Timeout), Timeout, "must be longer than nothing")
///     .ThrowIfAny(nameof(HubOptions));
/// </code>
/// </example>
internal sealed class OptionsValidator
{
    private readonly List<string> _faults = [];

    /// <summary>The faults found so far.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Notes a fault unless the condition holds.</summary>
    /// <param name="condition">What must be true.</param>
    /// <param name="property">The name of the property.</param>
    /// <param name="value">Its value, shown in the message.</param>
    /// <param name="requirement">What it must be, as the end of a sentence: «must be at least 1».</param>
    /// <returns>This validator.</returns>
    public OptionsValidator Require(bool condition, string property, object? value, string requirement)
    {
        if (!condition)
            _faults.Add($"{property} {requirement}, but is {Show(value)}");
        return this;
    }

    /// <summary>Notes a fault unless the value is a finite number within the bounds, both included.</summary>
    /// <param name="property">The name of the property.</param>
    /// <param name="value">Its value.</param>
    /// <param name="minimum">The least value allowed.</param>
    /// <param name="maximum">The largest value allowed.</param>
    /// <returns>This validator.</returns>
    public OptionsValidator RequireRange(string property, double value, double minimum, double maximum = double.MaxValue)
    {
        string requirement = maximum == double.MaxValue
            ? $"must be at least {Show(minimum)}"
            : $"must be from {Show(minimum)} to {Show(maximum)}";
        return Require(value >= minimum && value <= maximum, property, value, requirement);
    }

    /// <summary>Notes a fault unless the value is one that its enumeration names.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    /// <param name="property">The name of the property.</param>
    /// <param name="value">Its value.</param>
    /// <returns>This validator.</returns>
    public OptionsValidator RequireDefined<T>(string property, T value)
        where T : struct, Enum =>
            Require(Enum.IsDefined(value), property, value, "must be one of " + string.Join(", ", Enum.GetNames<T>()));

    /// <summary>Throws if there was any fault.</summary>
    /// <param name="optionsName">The name of the options type.</param>
    /// <exception cref="InvalidOptionsException">There was at least one fault; it lists them all.</exception>
    public void ThrowIfAny(string optionsName)
    {
        if (_faults.Count > 0)
            throw new InvalidOptionsException(optionsName, _faults);
    }

    private static string Show(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Take(20).Select(Show))}]",
        _ => value.ToString() ?? string.Empty,
    };
}
