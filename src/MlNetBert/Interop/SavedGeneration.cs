using System.Text.Json;
using Microsoft.ML;
using MlNetBert.HuggingFace;

namespace MlNetBert.Interop;

/// <summary>How a saved transformer writes texts: JSON, without what belongs to the machine.</summary>
internal static class SavedGeneration
{
    private static readonly JsonSerializerOptions Format = JsonNumbers.With(new JsonSerializerOptions());

    public static void Save(ModelSaveContext ctx, GenerationOptions options)
    {
        var usual = new GenerationOptions();
        ctx.SaveString(JsonSerializer.Serialize(options with { Device = usual.Device, BatchSize = usual.BatchSize }, Format));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="ctx">Where it stands.</param>
    /// <param name="file">What messages call the file.</param>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static GenerationOptions Load(ModelLoadContext ctx, string file)
    {
        try
        {
            var options = JsonSerializer.Deserialize<GenerationOptions>(ctx.LoadString(), Format)
                ?? throw new JsonException("null");
            options.Validate();
            return options;
        }
        catch (Exception e) when (e is JsonException or InvalidOptionsException)
        {
            throw new ModelFormatException(file, $"expected the options of generation, found {e.Message} Save the model again.", e);
        }
    }
}
