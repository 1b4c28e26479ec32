using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>
/// Trains a causal language model on the blocks of a token column, from scratch or from a checkpoint, and gives the transformer that
/// scores and continues texts with it. Blocks are grouped as <c>GroupTokenBlocks</c> says; without it, with its defaults. Rows that are
/// blocks already are trained on as they are.
/// </summary>
public sealed class ClmPretrainingEstimator : PretrainingEstimator<TextGenerationTransformer>
{
    private readonly GenerationOptions _prediction;

    internal ClmPretrainingEstimator(IHostEnvironment environment, string output, string? input, PretrainedModel? start, ClmOptions options)
        : base(environment, output, input, options, start) => _prediction = options.Prediction;

    /// <inheritdoc/>
    protected override IEnumerable<SchemaShape.Column> Outputs => TextGenerationTransformer.Promised(OutputColumnName);

    /// <inheritdoc/>
    protected override TextGenerationTransformer CreateTransformer(PretrainingResult result, IDataView input)
    {
        var (model, training) = result;
        return new TextGenerationTransformer(
            Environment, OutputColumnName, InputColumnName, model, _prediction, training.History, training.Evaluation);
    }
}
