using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives.Clm;

/// <summary>
/// Causal and masked language modeling by one model: rows that see what comes before, and rows that see all. The loss is the mean cross
/// entropy of the next tokens and that of the masked ones, by the share of blocks of each; both are measured.
/// </summary>
internal sealed class HybridObjective : VocabularyObjective
{
    /// <summary>The metrics' names of the mean cross entropies, and what stands before those of the accuracies.</summary>
    public const string CausalLoss = Causal + MetricSums.Loss, MaskedLoss = Masked + MetricSums.Loss;

    private const string Causal = "causal_";
    private const string Masked = "masked_";
    private const string Accuracy = "accuracy";

    private readonly CausalLanguageModel _model;
    private readonly Device _device;
    private readonly double _causalFraction;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Batches with <see cref="CorruptedBatch.CausalRows"/>.</param>
    /// <param name="causalFraction">The share of the causal blocks, 0 to 1, by which the two losses are added.</param>
    /// <param name="precision">As <see cref="VocabularyObjective"/> has it.</param>
    public HybridObjective(
        CausalLanguageModel model, IBatchSource<CorruptedBatch> batches, double causalFraction, ComputePrecision? precision = null)
        : base(model, model.Head, "clm", batches, precision) =>
        (_model, _device, _causalFraction) = (model, model.parameters().First().device, causalFraction);

    /// <inheritdoc/>
    public override EvaluationResult Result(MetricSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        var (loss, weight) = (0.0, 0.0);
        foreach (var (name, share) in new[] { (Causal, _causalFraction), (Masked, 1 - _causalFraction) })
        {
            var targets = sums[name + MetricSums.Targets];
            if (targets == 0)
                continue;
            metrics[name + MetricSums.Loss] = sums[name + MetricSums.Loss] / targets;
            metrics[name + Accuracy] = sums[name + MetricSums.Correct] / targets;
            loss += share * metrics[name + MetricSums.Loss];
            weight += share;
        }

        // Blocks of one kind alone are measured by that kind, whatever its share was.
        return new EvaluationResult(
            weight > 0 ? loss / weight : metrics.GetValueOrDefault(CausalLoss, metrics.GetValueOrDefault(MaskedLoss, double.NaN)),
            Accuracy: null,
            (long)(sums[Causal + MetricSums.Targets] + sums[Masked + MetricSums.Targets]))
        {
            Metrics = metrics,
        };
    }

    /// <inheritdoc/>
    private protected override Tensor HiddenStates(CorruptedBatch batch, ComputePrecision? precision)
    {
        var inputs = InputsOf(batch);
        var causal = Kinds(batch);
        // The rows of each kind together, and each back into its place.
        int[] order = [.. Enumerable.Range(0, batch.Rows).OrderByDescending(row => causal[row])];
        var count = causal.Count(isCausal => isCausal);
        (int[] Rows, bool IsCausal)[] parts = [(order[..count], true), (order[count..], false)];
        var places = new int[batch.Rows];
        foreach (var (place, row) in order.Index())
            places[row] = place;
        return cat([.. parts.Where(part => part.Rows.Length > 0).Select(part => HiddenStates(inputs, part.Rows, part.IsCausal, precision))])
            .index_select(0, BatchTensors.Vector(places, _device));                          // [batch, sequence, hidden]
    }

    /// <inheritdoc/>
    private protected override IEnumerable<TargetGroup> GroupsOf(CorruptedBatch batch)
    {
        var causal = Kinds(batch);
        TargetGroup Group(string term, string metrics, bool isCausal, double weight)
        {
            int[] places = [.. Enumerable.Range(0, batch.Labels.Length).Where(i => causal[batch.Positions[i] / batch.Length] == isCausal)];
            return new TargetGroup(
                term, Array.ConvertAll(places, i => batch.Positions[i]), Array.ConvertAll(places, i => batch.Labels[i]), weight)
            {
                Metrics = metrics,
            };
        }

        return [Group("clm", Causal, isCausal: true, _causalFraction), Group("mlm", Masked, isCausal: false, 1 - _causalFraction)];
    }

    private Tensor HiddenStates(ModelInputs inputs, int[] rows, bool isCausal, ComputePrecision? precision)
    {
        var chosen = BatchTensors.Vector(rows, _device);                                     // [rows]
        var some = new ModelInputs(inputs.Ids.index_select(0, chosen), inputs.AttentionMask?.index_select(0, chosen)) { Causal = isCausal };
        return _model.Backbone.forward(some, precision: precision).LastHiddenState;          // [rows, sequence, hidden]
    }

    private static bool[] Kinds(CorruptedBatch batch) =>
        batch.CausalRows ?? throw new InvalidOperationException("The batch does not say which of its rows are causal.");
}
