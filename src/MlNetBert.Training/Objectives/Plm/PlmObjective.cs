using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives.Plm;

/// <summary>Permuted language modeling (Yang et al. 2019): targets are predicted in an order, by queries that do not see them.</summary>
[Experimental("MLNETBERT001")]
public sealed class PlmObjective : VocabularyObjective
{
    private readonly PermutationLanguageModel _model;

    /// <summary>Creates the objective.</summary>
    /// <param name="model">The model to train.</param>
    /// <param name="batches">Where the batches come from: <see cref="CorruptedBlocks"/> of a <see cref="Permutation"/>, or
    /// <see cref="StoredPermutations"/>.</param>
    /// <param name="precision">The number format of matrix multiplications of an evaluation; null is the model's own. A loss to train on
    /// takes the model's own.</param>
    public PlmObjective(PermutationLanguageModel model, IBatchSource<CorruptedBatch> batches, ComputePrecision? precision = null)
        : base(model, model is null ? throw new ArgumentNullException(nameof(model)) : model.Head, "plm", batches, precision) =>
        _model = model;

    /// <summary>The queries' hidden states at the targets, [1, targets, hidden].</summary>
    private protected override Tensor HiddenStates(CorruptedBatch batch, ComputePrecision? precision)
    {
        var rows = Enumerable.Range(0, batch.Rows).Select(_ => new List<int>()).ToList();
        foreach (var position in batch.Positions)
            rows[position / batch.Length].Add(position % batch.Length);
        var device = _model.Backbone.WordEmbeddings.device;
        var queries = QueryPlaces.Pad(rows, device);
        var hidden = batch.HiddenPairs is { } pairs
            ? tensor(pairs, ScalarType.Byte).view(batch.Rows, batch.Length, batch.Length).to(device) : null;
        return _model.Query(InputsOf(batch), new(queries.Positions, hidden), precision).flatten(0, 1).index_select(0, queries.Index)
            .unsqueeze(0);
    }

    private protected override IEnumerable<TargetGroup> GroupsOf(CorruptedBatch batch) =>
        base.GroupsOf(batch).Select(group => group with { Positions = [.. Enumerable.Range(0, group.Labels.Length)] });
}
