using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;
using MlNetBert.Similarity;

namespace MlNetBert;

/// <summary>
/// Fine-tunes a pretrained encoder to give a number for a pair of texts, read together (a cross-encoder; Devlin et al. 2019). The
/// checkpoint that it starts from stays as it is.
/// </summary>
public sealed class SentenceSimilarityTrainer : IEstimator<SentenceSimilarityTransformer>
{
    private readonly FineTuner _tuner;
    private readonly SentenceColumns _texts;
    private readonly string _label;
    private readonly string _score;

    internal SentenceSimilarityTrainer(
        IHostEnvironment environment,
        PretrainedModel model,
        string label,
        SentenceColumns texts,
        string score,
        SentenceSimilarityOptions options)
    {
        _tuner = new FineTuner(environment, nameof(SentenceSimilarityTrainer), model, options);
        _texts = texts;
        _label = label;
        _score = score;
    }

    /// <summary>Trains.</summary>
    /// <param name="input">Rows with the label, a Single, and the text columns. Rows whose label is not finite are left out and counted in
    /// a warning.</param>
    /// <returns>The transformer, with the fine-tuned model and what its training reported.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidDataException">There is no labeled row, no text, or all labels are alike.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint directory cannot be written to, or holds another run's checkpoints.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled and the options say to throw then.</exception>
    public SentenceSimilarityTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _texts.Find(input.Schema);
        NumberColumn.Find(input.Schema, _label);
        var state = _tuner.Fit(input, _texts, new SentenceSimilarityTask(_tuner, _texts, _label));
        return new SentenceSimilarityTransformer(_tuner.Environment, state, _score);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _texts.Require(inputSchema);
        NumberColumn.Require(inputSchema, _label);
        return Columns.With(inputSchema, SentenceSimilarityTransformer.Promised(_score));
    }
}
