using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Masked language modelling on held-out blocks, with masks fixed by the seed: loss and accuracy over ALL masked tokens of ALL blocks.
/// </summary>
public sealed class MlmEvaluation : IEvaluation
{
    private readonly MaskedLanguageModel _model;
    private readonly MlmObjective _objective;
    private readonly int _batchSize;
    private readonly ComputePrecision? _precision;

    /// <summary>Creates the evaluation.</summary>
    /// <param name="model">The model to measure.</param>
    /// <param name="blocks">The held-out blocks.</param>
    /// <param name="masking">Where the masks come from; they are the same at every run of it.</param>
    /// <param name="batchSize">Blocks in a batch. Figures do not depend on it.</param>
    /// <param name="precision">The number format of matrix products; null is the model's own.</param>
    public MlmEvaluation(MaskedLanguageModel model, IBlockSource blocks, MlmMasking masking, int batchSize,
        ComputePrecision? precision = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _model = model;
        _objective = new MlmObjective(model, blocks, masking, RandomStreams.EvaluationMasks);
        _batchSize = batchSize;
        _precision = precision;
    }

    /// <inheritdoc/>
    public EvaluationResult Run(CancellationToken cancellationToken)
    {
        var wasTraining = _model.training;
        _model.eval();
        try
        {
            using var noGradient = no_grad();
            var tally = new EvaluationTally();
            for (long first = 0; first < _objective.Count; first += _batchSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var examples = new long[Math.Min(_batchSize, _objective.Count - first)];
                for (var i = 0; i < examples.Length; i++)
                    examples[i] = first + i;
                var batch = (MlmBatch)_objective.Prepare(examples, epoch: 0);
                if (batch.Targets == 0)
                    continue;
                using var scope = NewDisposeScope();
                var (logits, labels) = _objective.Logits(batch, _precision);
                tally.Add(logits, labels);
            }

            return tally.Result();
        }
        finally
        {
            _model.train(wasTraining);
        }
    }
}
