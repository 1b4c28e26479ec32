using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;
using MlNetBert.NamedEntities;

namespace MlNetBert;

/// <summary>
/// Fine-tunes a pretrained encoder to find names in texts (Devlin et al. 2019). The checkpoint that it starts from stays as it is.
/// </summary>
public sealed class NamedEntityRecognitionTrainer : IEstimator<NamedEntityRecognitionTransformer>
{
    private readonly FineTuner _tuner;
    private readonly SentenceColumns _sentence;
    private readonly string _label;
    private readonly EntityOutputs _outputs;

    internal NamedEntityRecognitionTrainer(
        IHostEnvironment environment,
        PretrainedModel model,
        string label,
        string sentence,
        EntityOutputs outputs,
        NamedEntityRecognitionOptions options)
    {
        _tuner = new FineTuner(environment, nameof(NamedEntityRecognitionTrainer), model, options);
        _sentence = new SentenceColumns(sentence, null);
        _label = label;
        _outputs = outputs;
    }

    /// <summary>
    /// Trains. Where there are rows to evaluate on, the evaluations have <see cref="MetricNames.Precision"/>,
    /// <see cref="MetricNames.Recall"/> and <see cref="MetricNames.F1"/> of whole entities among their metrics.
    /// </summary>
    /// <param name="input">Rows with the words and their tags. Rows without any tag are left out, longer sentences are cut; both are
    /// counted in a warning.</param>
    /// <returns>The transformer, with the fine-tuned model and what its training reported.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="ArgumentException">The evaluation rows have other tags than the training rows.</exception>
    /// <exception cref="InvalidDataException">A tag is none, a row has more or fewer tags than words, or there is nothing to tell
    /// apart.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint directory cannot be written to, or holds another run's checkpoints.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled and the options say to throw then.</exception>
    public NamedEntityRecognitionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        WordsColumn.Find(input.Schema, _sentence.First);
        var rows = TagColumn.Once(_tuner.Environment, input, _label, _sentence.First);
        var tags = TagColumn.TagsOf(rows, _label);
        var state = _tuner.Fit(rows, _sentence, new NamedEntityRecognitionTask(_tuner, _sentence, _label, tags));
        return new NamedEntityRecognitionTransformer(_tuner.Environment, state, _outputs);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        WordsColumn.Require(inputSchema, _sentence.First);
        TagColumn.Require(inputSchema, _label);
        return Columns.With(inputSchema, [.. _outputs.Promised]);
    }
}
