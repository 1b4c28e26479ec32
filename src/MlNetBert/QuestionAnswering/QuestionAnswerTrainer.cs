using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.FineTuning;
using MlNetBert.Mapping;
using MlNetBert.QuestionAnswering;

namespace MlNetBert;

/// <summary>
/// Fine-tunes a pretrained encoder to find the answer to a question in a text (Devlin et al. 2019 on SQuAD). The checkpoint that it starts
/// from stays as it is.
/// </summary>
public sealed class QuestionAnswerTrainer : IEstimator<QuestionAnswerTransformer>
{
    private readonly FineTuner _tuner;
    private readonly AnswerColumns _columns;
    private readonly AnswerOutputs _outputs;
    private readonly WindowSettings _windows;

    internal QuestionAnswerTrainer(IHostEnvironment environment, PretrainedModel model, AnswerColumns columns, AnswerOutputs outputs,
        QuestionAnswerOptions options)
    {
        _tuner = new FineTuner(environment, nameof(QuestionAnswerTrainer), model, options);
        _columns = columns;
        _outputs = outputs;
        _windows = WindowSettings.Of(
            model, _tuner.Settings.MaxLength, options.Stride, options.MaxQuestionLength, options.MaxAnswerLength);
    }

    /// <summary>
    /// Trains. Where there are rows to evaluate on, the evaluations have <see cref="MetricNames.ExactMatch"/> and
    /// <see cref="MetricNames.F1"/>, 0 to 1, among their metrics.
    /// </summary>
    /// <param name="input">
    /// Rows with question, context, answer and the answer's index. Rows without an answer, or whose answer does not stand at its index, are
    /// left out; questions that are too long are cut; answers that no window holds whole are trained on as if there were none. All are
    /// counted in a warning.
    /// </param>
    /// <returns>The transformer, with the fine-tuned model and what its training reported.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="InvalidDataException">There is no row with an answer in its context, or no text.</exception>
    /// <exception cref="TrainingDivergedException">A loss or gradient was not finite.</exception>
    /// <exception cref="CheckpointException">The checkpoint directory cannot be written to, or holds another run's checkpoints.</exception>
    /// <exception cref="InsufficientMemoryException">The memory that is available does not hold a step of one example.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled and the options say to throw then.</exception>
    public QuestionAnswerTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _columns.Find(input.Schema);
        var state = _tuner.Fit(
            input, _columns.Texts, new QuestionAnswerTask(_tuner, _columns, new QuestionEncoder(_tuner.Start, _windows)));
        return new QuestionAnswerTransformer(_tuner.Environment, state, _outputs, _windows);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _columns.Require(inputSchema);
        return Columns.With(inputSchema, [.. _outputs.Promised]);
    }
}
