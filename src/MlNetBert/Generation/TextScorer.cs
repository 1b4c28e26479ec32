using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Generation;

/// <summary>Scores texts by a causal language model. Thread-safe; holds no weights of its own.</summary>
internal sealed class TextScorer
{
    /// <summary>What stands behind the tokens of a shorter row: any id, which nothing reads.</summary>
    private const int Filler = 0;

    private readonly PretrainedModel _model;

    /// <summary>Creates a scorer.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <exception cref="InvalidOperationException">The model has no causal head.</exception>
    public TextScorer(PretrainedModel model)
    {
        model.Require<CausalLanguageModel>("Scoring texts");
        _model = model;
    }

    /// <summary>Scores texts, those of similar length together.</summary>
    /// <param name="texts">Token ids of each text; the special tokens that the tokenizer adds to a text are added and scored, too, as
    /// transformers' loss counts them.</param>
    /// <param name="place">Where and how to compute.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The scores in the same order.</returns>
    public TextScore[] Score(IReadOnlyList<int[]> texts, InferencePlace place, CancellationToken cancellationToken = default)
    {
        using var call = _model.Call(place.Device);
        var longest = _model.Config.LongestSequence;
        var sequences = texts.Select(text => _model.Tokenizer.Template.Build(text).Ids).ToList();
        var scores = sequences.ConvertAll(ids => new TextScore(double.NaN, ids.Length > longest)).ToArray();
        int[] scored = [.. Enumerable.Range(0, sequences.Count).Where(i => sequences[i].Length > 1)];
        var cut = Array.ConvertAll(scored, i => sequences[i].Length > longest ? sequences[i][..longest] : sequences[i]);
        using var noGradient = no_grad();
        foreach (var batch in LengthBatches.Of(cut, place.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var means = Means(call, batch.ConvertAll(i => cut[i]), place.Precision);
            foreach (var (row, mean) in means.Index())
                scores[scored[batch[row]]] = scores[scored[batch[row]]] with { Mean = mean };
        }

        return scores;
    }

    /// <summary>The mean log-probability of each row; the caller owns the dispose scope.</summary>
    private double[] Means(ModelCall call, List<int[]> rows, ComputePrecision precision)
    {
        var network = (CausalLanguageModel)call.Network;
        // Padding stands behind the tokens, which see what is before them: no mask is needed.
        var inputIds = new PaddedTexts(rows.ConvertAll(ids => new EncodedText(ids)), Filler).ToTensors(call.Device).InputIds;
        var hidden = network.Backbone.forward(new(inputIds), precision: precision).LastHiddenState; // [batch, sequence, hidden]
        var length = inputIds.shape[1];
        var places = rows.SelectMany((ids, row) => Enumerable.Range(0, ids.Length - 1).Select(i => (row * length) + i)).ToArray();
        var positions = tensor(places, device: call.Device);                                 // [targets]
        var labels = inputIds.reshape(-1).index_select(0, positions.add(1));                 // [targets]
        var losses = network.Head.LossPerPosition(hidden.reshape(-1, hidden.shape[2]).index_select(0, positions), labels, precision)
            .cpu().data<float>().ToArray();
        var first = 0;
        return [.. rows.Select(ids =>
        {
            var count = ids.Length - 1;
            var sum = losses.AsSpan(first, count).ToArray().Sum(loss => (double)loss);
            first += count;
            return -sum / count;
        })];
    }
}
