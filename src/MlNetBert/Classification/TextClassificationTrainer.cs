using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Classification;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <summary>
/// Fine-tunes a pretrained encoder to classify texts or pairs of texts (Devlin et al. 2019). The checkpoint that it starts from stays as it
/// is.
/// </summary>
public sealed class TextClassificationTrainer : IEstimator<TextClassificationTransformer>
{
    private readonly FineTuner _tuner;
    private readonly SentenceColumns _texts;
    private readonly string _label;
    private readonly ClassificationOutputs _outputs;
    private readonly TextClassificationOptions _options;

    internal TextClassificationTrainer(
        IHostEnvironment environment,
        PretrainedModel model,
        string label,
        SentenceColumns texts,
        ClassificationOutputs outputs,
        TextClassificationOptions options)
    {
        _tuner = new FineTuner(environment, nameof(TextClassificationTrainer), model, options);
        _texts = texts;
        _label = label;
        _outputs = outputs;
        _options = options;
    }

    /// <summary>Trains.</summary>
    /// <param name="input">Rows with the label and the text columns. Rows without a label (raw 0) are left out and counted in a
    /// warning.</param>
    /// <returns>The transformer, with the fine-tuned model and what its training reported.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="ArgumentException">The evaluation rows have other labels than the training rows.</exception>
    /// <exception cref="InvalidDataException">There is no labeled row, no text, or one label only.</exception>
    /// <exception cref="InvalidOptionsException">A class weight is for a label that is not there.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint directory cannot be written to, or holds another run's checkpoints.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled and the options say to throw then.</exception>
    public TextClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _texts.Find(input.Schema);
        var labels = LabelValues.Of(LabelColumn.Find(input.Schema, _label));
        var state = _tuner.Fit(input, _texts, new TextClassificationTask(_tuner, _texts, _label, labels, _options));
        return new TextClassificationTransformer(_tuner.Environment, state, _outputs, labels);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _texts.Require(inputSchema);
        var label = LabelColumn.Require(inputSchema, _label);
        var values = label.Annotations.TryFindColumn(AnnotationUtils.Kinds.KeyValues, out var found) ? found.ItemType : null;
        return Columns.With(inputSchema, [.. _outputs.Promised(values)]);
    }
}
