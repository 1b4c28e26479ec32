using Microsoft.ML;
using MlNetBert.Interop;

namespace MlNetBert.FineTuning;

/// <summary>What every fine-tuned transformer holds and saves.</summary>
/// <param name="Model">The fine-tuned model; it belongs to the transformer.</param>
/// <param name="Texts">The columns it reads.</param>
/// <param name="Settings">How texts are cut.</param>
/// <param name="History">What the training reported.</param>
/// <param name="Evaluation">Figures of the weights; null where nothing was evaluated.</param>
/// <param name="Inference">Where and how to compute.</param>
internal sealed record FineTunedState(PretrainedModel Model, SentenceColumns Texts, SequenceSettings Settings, TrainingHistory History,
    EvaluationResult? Evaluation, InferenceOptions Inference)
{
    /// <summary>The state of a checkpoint that is used as it is.</summary>
    public static FineTunedState Of(PretrainedModel model, SentenceColumns texts, PredictionOptions options, int? maxLength,
        SequenceSide side = SequenceSide.Right) => new(
            model, texts, new SequenceSettings(maxLength ?? SequenceSettings.DefaultLengthOf(model), side), new TrainingHistory([]), null,
            options.Inference);

    /// <param name="ctx">Where to.</param>
    /// <param name="inference">Where and how the transformer computes now.</param>
    public void Save(ModelSaveContext ctx, InferenceOptions inference)
    {
        SavedPrecision.Save(ctx, inference.Precision);
        Texts.Save(ctx);
        Settings.Save(ctx);
        SavedEvaluation.Save(ctx, Evaluation);
        ModelStore.Save(ctx, Model);
        HistoryFile.Save(ctx, History);
    }

    /// <param name="ctx">Where from.</param>
    /// <param name="file">What messages call the file.</param>
    /// <param name="hasPrecision">Whether it was saved with a precision; earlier ones are float32.</param>
    /// <exception cref="ModelFormatException">The file is damaged, or holds a model without the head.</exception>
    public static FineTunedState Load<TModel>(ModelLoadContext ctx, string file, bool hasPrecision)
        where TModel : Models.LanguageModelModule
    {
        var precision = hasPrecision ? SavedPrecision.Load(ctx, file) : Precision.Float32;
        var texts = SentenceColumns.Load(ctx);
        var settings = SequenceSettings.Load(ctx);
        var evaluation = SavedEvaluation.Load(ctx, file);
        var model = ModelStore.Load(ctx);
        try
        {
            settings.Check(model, file);
            model.RequireHead<TModel>(file);
            return new FineTunedState(model, texts, settings, HistoryFile.Load(ctx), evaluation,
                new InferenceOptions { Precision = precision });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
