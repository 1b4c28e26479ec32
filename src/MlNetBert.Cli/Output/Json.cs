using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlNetBert.HuggingFace;

namespace MlNetBert.Cli.Output;

/// <summary>How results become JSON: one object a line, names in snake_case, text as it is, null for what is no finite number.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = JsonNumbers.With(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    });

    /// <summary>A result on one line.</summary>
    public static string Line<T>(T result) => JsonSerializer.Serialize(result, Options);
}
