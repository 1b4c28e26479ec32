using System.Collections;
using System.Globalization;
using System.Reflection;

namespace MlNetBert.HuggingFace;

/// <summary>An options record as text: what says how something is done, without data, listeners and cancellation.</summary>
internal static class OptionsText
{
    /// <summary>Names and values of the public properties that hold values: numbers, texts, enumerations, records, lists of them.</summary>
    /// <param name="options">The options.</param>
    /// <param name="secret">A property that is left out; null for none.</param>
    /// <returns>The text, as a record's own.</returns>
    public static string Of(object options, string? secret = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var members = options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.Name != secret && IsValue(p.PropertyType))
            .Select(p => $"{p.Name} = {TextOf(p.GetValue(options))}");
        return $"{options.GetType().Name} {{ {string.Join(", ", members)} }}";
    }

    private static bool IsValue(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan)
            || typeof(IEnumerable).IsAssignableFrom(type) || type.GetMethod("<Clone>$") is not null;
    }

    private static string TextOf(object? value) => value switch
    {
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(TextOf))}]",
        _ => value?.ToString() ?? "",
    };
}
