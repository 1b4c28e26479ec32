using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>
/// Trains a text-to-text model to restore the blocks of a token column, from scratch or from a checkpoint, and gives the transformer that
/// restores texts with it. Blocks are grouped as <c>GroupTokenBlocks</c> says; without it, with its defaults. Rows that are blocks already
/// are trained on as they are.
/// </summary>
public sealed class DenoisingPretrainingEstimator : PretrainingEstimator<TextReconstructionTransformer>
{
    private readonly DenoisingOptions _options;

    internal DenoisingPretrainingEstimator(
        IHostEnvironment environment, string output, string? input, PretrainedModel? start, DenoisingOptions options)
        : base(environment, output, input, options, start) => _options = options;

    /// <inheritdoc/>
    protected override IEnumerable<SchemaShape.Column> Outputs => TextReconstructionTransformer.Promised(OutputColumnName);

    /// <inheritdoc/>
    protected override TextReconstructionTransformer CreateTransformer(PretrainingResult result, IDataView input)
    {
        var (model, training) = result;
        return new TextReconstructionTransformer(
            Environment, OutputColumnName, InputColumnName, model, _options.Corruption, _options.Prediction, training.History,
            training.Evaluation);
    }
}
