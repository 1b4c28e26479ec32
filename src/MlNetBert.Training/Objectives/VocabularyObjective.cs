using MlNetBert.Models;
using MlNetBert.Models.Heads;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Predicting tokens at chosen places: the head runs there only, and the loss is the cross entropy of the tokens. The metrics are loss,
/// perplexity and accuracy over ALL targets.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class VocabularyObjective : Objective
{
    private readonly ModelWithHead _model;
    private readonly VocabularyHead _head;
    private readonly string _term;
    private readonly IBatchSource<CorruptedBatch> _batches;
    private readonly ComputePrecision? _precision;
    private readonly Device _device;

    /// <summary>Makes the base of an objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="head">Its head over the vocabulary.</param>
    /// <param name="term">The name of the loss's one term.</param>
    /// <param name="batches">Where the batches come from: <see cref="CorruptedBlocks"/> or <see cref="StoredBlocks"/>.</param>
    /// <param name="precision">The number format of matrix multiplications of an evaluation; null is the model's own. A loss to train on
    /// takes the model's own.</param>
    protected VocabularyObjective(
        ModelWithHead model, VocabularyHead head, string term, IBatchSource<CorruptedBatch> batches, ComputePrecision? precision)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(head);
        ArgumentException.ThrowIfNullOrEmpty(term);
        ArgumentNullException.ThrowIfNull(batches);
        (_model, _head, _term, _batches, _precision) = (model, head, term, batches, precision);
        _device = model.parameters().First().device;
    }

    /// <inheritdoc/>
    public sealed override nn.Module Model => _model;

    /// <inheritdoc/>
    public sealed override long Count => _batches.Count;

    /// <inheritdoc/>
    public sealed override TrainingBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at) => _batches.Prepare(examples, at);

    /// <summary>Whether a position sees those behind it, so that padding behind the tokens of a row has to be masked out.</summary>
    private protected virtual bool SeesBehind => true;

    /// <inheritdoc/>
    public override IReadOnlyList<LossTerm> ComputeLosses(TrainingBatch batch, long dropoutSeed)
    {
        _model.SeedDropout(dropoutSeed);
        using var scope = NewDisposeScope();
        var corrupted = (CorruptedBatch)batch;
        var hidden = HiddenStates(corrupted, precision: null);
        if (corrupted.TargetCounts.Count > 1)
            hidden = _model.Backbone.ShareAmongLosses(hidden);
        LossTerm[] terms = [.. GroupsOf(corrupted).Select(group => Loss(hidden, group)), .. FurtherLosses(hidden, corrupted)];
        foreach (var term in terms)
            term.Sum.MoveToOuterDisposeScope();
        return terms;
    }

    /// <inheritdoc/>
    public override void Evaluate(TrainingBatch batch, MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(sums);
        if (!batch.HasTargets)
            return;
        using var scope = NewDisposeScope();
        var corrupted = (CorruptedBatch)batch;
        var hidden = HiddenStates(corrupted, _precision);
        foreach (var group in GroupsOf(corrupted).Where(group => group.Labels.Length > 0))
        {
            var (targets, labels) = Targets(hidden, group);
            var (loss, right) = _head.Score(targets, labels, _precision);
            sums.Add(group.Metrics + MetricSums.Loss, loss);
            sums.Add(group.Metrics + MetricSums.Correct, right);
            sums.Add(group.Metrics + MetricSums.Targets, labels.shape[0]);
        }

        ScoreFurther(hidden, corrupted, sums, _precision);
    }

    /// <inheritdoc/>
    public override EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return EvaluationResult.FromTokens(sums.MeanPerTarget, sums.Accuracy, (long)sums[MetricSums.Targets]);
    }

    /// <summary>The targets of each term of the tokens' loss, in the order of the batch's counts.</summary>
    private protected virtual IEnumerable<TargetGroup> GroupsOf(CorruptedBatch batch) => [new(_term, batch.Positions, batch.Labels)];

    /// <summary>The terms of the loss beside the tokens'; a dispose scope is open.</summary>
    private protected virtual IEnumerable<LossTerm> FurtherLosses(Tensor hidden, CorruptedBatch batch) => [];

    /// <summary>Adds up what is measured beside the tokens; a dispose scope is open.</summary>
    private protected virtual void ScoreFurther(Tensor hidden, CorruptedBatch batch, MetricSums sums, ComputePrecision? precision)
    {
    }

    /// <summary>The hidden states that targets are predicted from, [batch, sequence, hidden]; a dispose scope is open.</summary>
    private protected virtual Tensor HiddenStates(CorruptedBatch batch, ComputePrecision? precision) =>
        _model.Backbone.forward(InputsOf(batch), precision: precision).LastHiddenState;

    /// <summary>What the backbone takes; a dispose scope is open.</summary>
    private protected ModelInputs InputsOf(CorruptedBatch batch) => batch.ToInputs(_device, _model.Config, SeesBehind);

    private LossTerm Loss(Tensor hidden, TargetGroup group)
    {
        if (group.Labels.Length == 0)
            return new LossTerm(group.Term, zeros([], device: _device), group.Weight);
        var (targets, labels) = Targets(hidden, group);
        return new LossTerm(group.Term, _head.LossSum(targets, labels), group.Weight);
    }

    /// <summary>Hidden states at the targets and their labels; the caller owns the dispose scope.</summary>
    private (Tensor Hidden, Tensor Labels) Targets(Tensor hidden, TargetGroup group)
    {
        var positions = BatchTensors.Vector(group.Positions, _device);                       // [targets]
        return (hidden.reshape(-1, hidden.shape[2]).index_select(0, positions), BatchTensors.Vector(group.Labels, _device));
    }
}
