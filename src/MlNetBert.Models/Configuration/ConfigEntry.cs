using System.Text.Json.Nodes;

namespace MlNetBert.Models.Configuration;

/// <summary>A key of config.json with its value.</summary>
/// <param name="Key">The key as the file has it.</param>
/// <param name="Value">The value; null is JSON's null.</param>
/// <param name="Always">Written for a configuration that was made here; false leaves it out there.</param>
/// <param name="IsImplied">Not added to a file that lacked it: the reader takes the same value without.</param>
[Experimental("MLNETBERT001")]
public sealed record ConfigEntry(string Key, JsonNode? Value, bool Always = true, bool IsImplied = false)
{
    /// <summary>A number as Python writes it: <c>1e-12</c>, <c>0.1</c>, <c>160000.0</c>.</summary>
    /// <param name="key">The key as the file has it.</param>
    /// <param name="value">The number.</param>
    /// <param name="isImplied">As <see cref="IsImplied"/>.</param>
    public static ConfigEntry Real(string key, double value, bool isImplied = false) =>
        new(key, ConfigWriter.Number(value), IsImplied: isImplied);

    /// <summary>The ids of tokens: null for none, a number for one, a list for several.</summary>
    /// <param name="key">The key as the file has it.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="isImplied">As <see cref="IsImplied"/>.</param>
    public static ConfigEntry TokenIds(string key, IReadOnlyList<int> ids, bool isImplied = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return new(
            key,
            ids.Count == 0 ? null : ids.Count == 1 ? ids[0] : new JsonArray([.. ids.Select(id => (JsonNode)id)]),
            IsImplied: isImplied);
    }

    /// <summary>An activation under Hugging Face's name.</summary>
    /// <param name="key">The key as the file has it.</param>
    /// <param name="value">The activation.</param>
    public static ConfigEntry Activation(string key, Activation value) => new(key, ActivationNames.Format(value));
}
