using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Training;

namespace MlNetBert.Interop;

/// <summary>The training history beside a saved transformer: JSON.</summary>
internal static class HistoryFile
{
    private const string Name = "history.json";

    // A loss may be no number: of an evaluation without a target, say.
    private static readonly JsonSerializerOptions Format = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

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
