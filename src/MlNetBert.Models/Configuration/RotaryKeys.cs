using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Configuration;

/// <summary>
/// The keys of rotary positions: <c>rope_parameters</c>, or in files of transformers 4 <c>rope_theta</c> and <c>rope_scaling</c>, whose
/// <c>rope_type</c> is called <c>type</c> in still older ones.
/// </summary>
internal static class RotaryKeys
{
    private const string Theta = "rope_theta";
    private const string Scaling = "rope_scaling";
    private const string Parameters = "rope_parameters";
    private const string Type = "rope_type";

    /// <summary>Reads them; what is not built is refused by name, and so are two layouts that contradict each other.</summary>
    /// <param name="reader">Reads config.json.</param>
    /// <param name="positions">The positions that there are, which are those that the model learned where the file does not say it.</param>
    public static RotaryPositions Read(ConfigReader reader, int positions)
    {
        var (newer, older) = (Find(reader, Parameters), Find(reader, Scaling));
        var plain = new RotaryPositions { Theta = reader.Real(Theta, RotaryPositions.DefaultTheta), OriginalPositions = positions };
        if (newer is null)
            return older is null ? plain : Read(older, Scaling, plain);
        var read = Read(newer, Parameters, plain);
        if (reader.Has(Theta) && !read.Theta.Equals(plain.Theta))
            throw reader.Unexpected(Theta, string.Create(CultureInfo.InvariantCulture, $"{Parameters}.{Theta} ({read.Theta}) or absent"),
                reader.Node(Theta)!);
        return older is null || Read(older, Scaling, read) == read
            ? read
            : throw reader.Unexpected(Scaling, $"what {Parameters} says or absent", reader.Node(Scaling)!);
    }

    /// <summary>The keys in the layout of the file; those of an unchanged file stay as they are.</summary>
    /// <param name="rotary">The positions.</param>
    /// <param name="source">The file; null for a configuration made here.</param>
    /// <param name="positions">As of <see cref="Read(ConfigReader, int)"/>.</param>
    public static IEnumerable<ConfigEntry> Write(RotaryPositions rotary, string? source, int positions)
    {
        var file = source is null ? null : ConfigReader.Open(Encoding.UTF8.GetBytes(source), "config.json");
        if (file is not null && Read(new ConfigReader(file, "config.json"), positions) == rotary)
            yield break;
        var isOlder = file is not null && !file.ContainsKey(Parameters) && (file.ContainsKey(Theta) || file.ContainsKey(Scaling));
        if (!isOlder)
            yield return new(Parameters, ToJson(rotary, withTheta: true));
        if (isOlder || file?.ContainsKey(Theta) == true)
            yield return new(Theta, ConfigWriter.Number(rotary.Theta));
        if (isOlder || file?.ContainsKey(Scaling) == true)
            yield return new(Scaling, rotary.Scaling == RotaryScaling.None ? null : ToJson(rotary, withTheta: false));
    }

    /// <summary>Says what is wrong with them.</summary>
    /// <param name="rotary">The positions.</param>
    /// <param name="headSize">The width of a head.</param>
    public static IEnumerable<string> Faults(RotaryPositions rotary, int headSize)
    {
        if (headSize <= 0 || headSize % 2 != 0)
            yield return $"head_dim (hidden_size / num_attention_heads) must be positive and even for rotary positions, found {headSize}.";
        if (rotary.Theta is not (> 0 and < double.PositiveInfinity))
            yield return string.Create(CultureInfo.InvariantCulture, $"{Theta} must be positive, found {rotary.Theta}.");
        if (rotary.Scaling == RotaryScaling.None)
            yield break;
        if (rotary.Factor is not (>= 1 and < double.PositiveInfinity))
            yield return string.Create(CultureInfo.InvariantCulture, $"{Parameters}.factor must be at least 1, found {rotary.Factor}.");
        if (rotary.Scaling != RotaryScaling.Llama3)
            yield break;
        if (rotary.LowFrequencyFactor is not > 0 || rotary.HighFrequencyFactor is not < double.PositiveInfinity
            || rotary.HighFrequencyFactor <= rotary.LowFrequencyFactor)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{Parameters}.high_freq_factor must be above low_freq_factor, which is positive, found {rotary.HighFrequencyFactor} and "
                    + $"{rotary.LowFrequencyFactor}.");
        if (rotary.OriginalPositions <= 0)
            yield return $"{Parameters}.original_max_position_embeddings must be positive, found {rotary.OriginalPositions}.";
    }

    private static ConfigReader? Find(ConfigReader reader, string key) => reader.Node(key) is not { } node
        ? null
        : new ConfigReader(node as JsonObject ?? throw reader.Unexpected(key, "an object", node), reader.File);

    private static RotaryPositions Read(ConfigReader inner, string name, RotaryPositions plain)
    {
        var type = inner.Text(Type) ?? inner.Text("type") ?? "default";
        if (inner.Has("partial_rotary_factor") && !inner.Real("partial_rotary_factor", 1).Equals(1))
            throw inner.Unsupported($"{name}.partial_rotary_factor", inner.Node("partial_rotary_factor")!.ToJsonString(), "1 or absent");
        var read = plain with { Theta = inner.Real(Theta, plain.Theta) };
        return type switch
        {
            "default" => read,
            "linear" => read with { Scaling = RotaryScaling.Linear, Factor = Number("factor") },
            "llama3" => read with
            {
                Scaling = RotaryScaling.Llama3,
                Factor = Number("factor"),
                LowFrequencyFactor = Number("low_freq_factor"),
                HighFrequencyFactor = Number("high_freq_factor"),
                OriginalPositions = inner.Integer("original_max_position_embeddings", plain.OriginalPositions),
            },
            _ => throw inner.Unsupported($"{name}.{Type}", type, "default, linear or llama3"),
        };

        double Number(string key) => inner.Has(key)
            ? inner.Real(key, 0)
            : throw new ModelConfigFormatException(inner.File, $"the key '{name}.{key}' is missing; {Type} '{type}' needs it.");
    }

    private static JsonObject ToJson(RotaryPositions rotary, bool withTheta)
    {
        var json = new JsonObject();
        if (rotary.Scaling != RotaryScaling.None)
            json["factor"] = ConfigWriter.Number(rotary.Factor);
        if (rotary.Scaling == RotaryScaling.Llama3)
        {
            json["high_freq_factor"] = ConfigWriter.Number(rotary.HighFrequencyFactor);
            json["low_freq_factor"] = ConfigWriter.Number(rotary.LowFrequencyFactor);
            json["original_max_position_embeddings"] = rotary.OriginalPositions;
        }

        if (withTheta)
            json[Theta] = ConfigWriter.Number(rotary.Theta);
        json[Type] = rotary.Scaling switch
        {
            RotaryScaling.Linear => "linear",
            RotaryScaling.Llama3 => "llama3",
            _ => "default",
        };
        return json;
    }
}
