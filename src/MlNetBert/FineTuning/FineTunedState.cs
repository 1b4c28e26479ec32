using System.Text.Json;
using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Interop;
using MlNetBert.Training;

namespace MlNetBert.FineTuning;

/// <summary>What every fine-tuned transformer holds and saves.</summary>
/// <param name="Model">The fine-tuned model; it belongs to the transformer.</param>
/// <param name="Texts">The columns it reads.</param>
/// <param name="Settings">How texts are cut.</param>
/// <param name="History">What the training reported.</param>
/// <param name="Evaluation">Figures of the weights; null where nothing was evaluated.</param>
internal sealed record FineTunedState(PretrainedModel Model, SentenceColumns Texts, SequenceSettings Settings, TrainingHistory History,
    EvaluationResult? Evaluation)
{
    private static readonly JsonSerializerOptions Format = JsonNumbers.With(new JsonSerializerOptions());

    public void Save(ModelSaveContext ctx)
    {
        Texts.Save(ctx);
        Settings.Save(ctx);
        ctx.SaveString(JsonSerializer.Serialize(Evaluation, Format));
        ModelStore.Save(ctx, Model);
        HistoryFile.Save(ctx, History);
    }

    /// <exception cref="ModelFormatException">The file is damaged, or holds a model without the head.</exception>
    public static FineTunedState Load<TModel>(ModelLoadContext ctx, string file)
        where TModel : Models.ModelWithHead
    {
        var texts = SentenceColumns.Load(ctx);
        var settings = SequenceSettings.Load(ctx);
        var evaluation = ReadEvaluation(ctx.LoadString(), file);
        var model = ModelStore.Load(ctx);
        try
        {
            settings.Check(model, file);
            model.RequireHead<TModel>(file);
            return new FineTunedState(model, texts, settings, HistoryFile.Load(ctx), evaluation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static EvaluationResult? ReadEvaluation(string text, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationResult>(text, Format);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, $"expected the figures of an evaluation, found {e.Message} Save the model again.", e);
        }
    }
}
