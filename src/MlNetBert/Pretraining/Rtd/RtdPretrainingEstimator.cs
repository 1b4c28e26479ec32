using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>
/// Trains a replaced-token detector and its generator on the blocks of a token column, from scratch or from a checkpoint, and gives the
/// transformer that finds replaced tokens with it. Blocks are grouped as <c>GroupTokenBlocks</c> says; without it, with its defaults. Rows
/// that are blocks already are trained on as they are.
/// </summary>
public sealed class RtdPretrainingEstimator : PretrainingEstimator<ReplacedTokenTransformer>
{
    internal RtdPretrainingEstimator(IHostEnvironment environment, string output, string? input, PretrainedModel? start, RtdOptions options)
        : base(environment, output, input, options, start)
    {
    }

    /// <inheritdoc/>
    protected override IEnumerable<SchemaShape.Column> Outputs => ReplacedTokenTransformer.Promised(OutputColumnName);

    /// <inheritdoc/>
    protected override ReplacedTokenTransformer CreateTransformer(PretrainingResult result, IDataView input)
    {
        var (model, training) = result;
        return new ReplacedTokenTransformer(
            Environment, OutputColumnName, InputColumnName, model, new InferenceOptions(), training.History, training.Evaluation);
    }
}
