using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Inference;
using MlNetBert.Pretraining;

namespace MlNetBert;

/// <summary>
/// Trains a permuted language model on the blocks of a token column, from scratch or from a checkpoint, and gives the transformer that
/// fills the gaps of texts with it. Blocks are grouped as <c>GroupTokenBlocks</c> says; without it, with its defaults. Rows that are blocks
/// already are trained on as they are.
/// </summary>
public sealed class PlmPretrainingEstimator : PretrainingEstimator<FillMaskTransformer>
{
    private readonly FillMaskOptions _prediction;

    internal PlmPretrainingEstimator(IHostEnvironment environment, string output, string? input, PretrainedModel? start, PlmOptions options)
        : base(environment, output, input, options, start) => _prediction = options.Prediction;

    /// <inheritdoc/>
    protected override IEnumerable<SchemaShape.Column> Outputs => FillMaskTransformer.Promised(OutputColumnName);

    /// <inheritdoc/>
    protected override void CheckTokenizer(SubwordTokenizer tokenizer)
    {
        foreach (var word in _prediction.CandidateWords)
            tokenizer.FirstPiece(word);
    }

    /// <inheritdoc/>
    protected override FillMaskTransformer CreateTransformer(PretrainingResult result, IDataView input)
    {
        var (model, training) = result;
        return new FillMaskTransformer(
            Environment, OutputColumnName, InputColumnName, model, _prediction, training.History, training.Evaluation);
    }
}
