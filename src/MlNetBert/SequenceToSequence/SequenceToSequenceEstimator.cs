using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;
using MlNetBert.SequenceToSequence;

namespace MlNetBert;

/// <summary>
/// Fine-tunes a pretrained causal or text-to-text model to answer texts with texts: translations, summaries, answers to instructions
/// (Sutskever et al. 2014; Raffel et al. 2020). The checkpoint that it starts from stays as it is.
/// </summary>
public sealed class SequenceToSequenceEstimator : IEstimator<SequenceToSequenceTransformer>
{
    private readonly FineTuner _tuner;
    private readonly SentenceColumns _source;
    private readonly string _target;
    private readonly string _output;
    private readonly SequenceToSequenceOptions _options;
    private readonly TextPairFormat _format;

    internal SequenceToSequenceEstimator(
        IHostEnvironment environment, string output, PretrainedModel model, SentenceColumns source, string target,
        SequenceToSequenceOptions options)
    {
        _tuner = new FineTuner(environment, nameof(SequenceToSequenceEstimator), model, options);
        _format = TextPairFormat.Of(options, model);
        (_output, _source, _target, _options) = (output, source, target, options);
    }

    /// <summary>
    /// Trains. Where there are rows to evaluate on, the evaluations have <see cref="MetricNames.Bleu"/>, <see cref="MetricNames.Chrf"/>,
    /// ROUGE (<see cref="MetricNames.Rouge1"/>, …) and <see cref="MetricNames.ExactMatch"/> of written texts among their metrics.
    /// </summary>
    /// <param name="input">Rows with source and target. Rows without a target are left out; sources and targets that are too long are cut.
    /// All are counted in a warning.</param>
    /// <returns>The transformer, with the fine-tuned model and what its training reported.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidOperationException">No token ends a text.</exception>
    /// <exception cref="InvalidDataException">There is no row with a target, or no source.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint directory cannot be written to, or holds another run's checkpoints.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example, or an evaluation
    /// with its beams.</exception>
    /// <exception cref="OperationCanceledException">Training was canceled and the options say to throw then.</exception>
    public SequenceToSequenceTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _source.Find(input.Schema);
        Columns.FindText(input.Schema, _target, SequenceToSequenceTask.TargetRole);
        var encoder = new TextPairEncoder(_tuner.Start, _format, _tuner.Settings.MaxLength);
        var state = _tuner.Fit(input, _source, new SequenceToSequenceTask(_tuner, _source, _target, encoder, _options));
        return new SequenceToSequenceTransformer(_tuner.Environment, _output, state, _format, _options.GenerationFor(_format));
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _source.Require(inputSchema);
        Columns.RequireText(inputSchema, _target, SequenceToSequenceTask.TargetRole);
        return Columns.With(inputSchema, [.. TextGenerationTransformer.Promised(_output)]);
    }
}
