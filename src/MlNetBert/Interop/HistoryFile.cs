using System.Text.Json;
using Microsoft.ML;
using MlNetBert.HuggingFace;

namespace MlNetBert.Interop;

/// <summary>The training history beside a saved transformer: JSON.</summary>
internal static class HistoryFile
{
    private const string Name = "history.json";

    private static readonly JsonSerializerOptions Format = JsonNumbers.With(new JsonSerializerOptions());

    public static void Save(ModelSaveContext ctx, TrainingHistory history) =>
        ModelBlobs.Write(ctx, Name, stream => JsonSerializer.Serialize(stream, history.ToArray(), Format));

    public static TrainingHistory Load(ModelLoadContext ctx) => ModelBlobs.Read(ctx, Name, stream =>
    {
        try
        {
            return new TrainingHistory(JsonSerializer.Deserialize<TrainingHistoryRow[]>(stream, Format) ?? []);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(Name, $"expected the rows of a training history, found {e.Message} Save the model again.", e);
        }
    });
}
