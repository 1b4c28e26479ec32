using System.Text.Json;
using Microsoft.ML;
using MlNetBert.HuggingFace;

namespace MlNetBert.Interop;

/// <summary>The evaluation of a saved transformer: JSON, "null" where there is none.</summary>
internal static class SavedEvaluation
{
    private static readonly JsonSerializerOptions Format = JsonNumbers.With(new JsonSerializerOptions());

    public static void Save(ModelSaveContext ctx, EvaluationResult? evaluation) =>
        ctx.SaveString(JsonSerializer.Serialize(evaluation, Format));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="ctx">Where it stands.</param>
    /// <param name="file">What messages call the file.</param>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static EvaluationResult? Load(ModelLoadContext ctx, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationResult>(ctx.LoadString(), Format);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, $"expected the figures of an evaluation, found {e.Message} Save the model again.", e);
        }
    }
}
