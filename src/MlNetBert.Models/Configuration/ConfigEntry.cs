using System.Text.Json.Nodes;

namespace MlNetBert.Models.Configuration;

/// <summary>A key of config.json with its value.</summary>
/// <param name="Key">The key as the file has it.</param>
/// <param name="Value">The value; null is JSON's null.</param>
/// <param name="Always">Written for a configuration that was made here; false leaves it out there.</param>
/// <param name="IsImplied">Not added to a file that lacked it: the reader takes the same value without.</param>
[Experimental("MLNETBERT001")]
public sealed record ConfigEntry(string Key, JsonNode? Value, bool Always = true, bool IsImplied = false);
