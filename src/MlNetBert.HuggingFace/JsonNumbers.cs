using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlNetBert.HuggingFace;

/// <summary>
/// Numbers in JSON: what is no finite number is null there, as JSON has no word for it. Reading null gives NaN where a number must be.
/// </summary>
internal static class JsonNumbers
{
    /// <summary>Makes options write and read numbers so.</summary>
    public static JsonSerializerOptions With(JsonSerializerOptions options)
    {
        options.Converters.Add(new Doubles());
        options.Converters.Add(new Singles());
        return options;
    }

    /// <summary>Earlier builds wrote «NaN» and «Infinity» as strings.</summary>
    private static double Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => double.NaN,
        JsonTokenType.String => reader.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            var other => throw new JsonException($"expected a number, found '{other}'."),
        },
        JsonTokenType.Number => reader.GetDouble(),
        _ => throw new JsonException($"expected a number, found {reader.TokenType}."),
    };

    private sealed class Doubles : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonNumbers.Read(ref reader);

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }

    private sealed class Singles : JsonConverter<float>
    {
        public override bool HandleNull => true;

        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            (float)JsonNumbers.Read(ref reader);

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options)
        {
            if (float.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }
    }
}
