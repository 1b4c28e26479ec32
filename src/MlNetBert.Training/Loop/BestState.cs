using MlNetBert.Training.Checkpoints;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>Follows the evaluations of a run: which was best, when to stop, and the weights to go back to.</summary>
/// <param name="model">The model.</param>
/// <param name="keep">Whether the best state is returned.</param>
/// <param name="patience">Evaluations without a better one that end the run.</param>
/// <param name="holdsWeights">Whether copies of the best weights are held here; one rank of a run does.</param>
internal sealed class BestState(nn.Module model, bool keep, int? patience, bool holdsWeights = true) : IDisposable
{
    private readonly Dictionary<string, Tensor> _weights = [];

    /// <summary>The best evaluation so far.</summary>
    public EvaluationResult? Best { get; private set; }

    /// <summary>The last one.</summary>
    public EvaluationResult? Last { get; private set; }

    /// <summary>The step of the best one; 0 before there is any.</summary>
    public long BestStep { get; private set; }

    /// <summary>Evaluations since the best one.</summary>
    public int SinceBest { get; private set; }

    /// <summary>Whether patience is at its end.</summary>
    public bool IsStale => SinceBest >= patience;

    /// <summary>Figures of the weights that are returned.</summary>
    public EvaluationResult? Returned => keep ? Best : Last;

    /// <summary>Copies of the best weights by name; empty where they are not kept.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    /// <summary>Takes note of an evaluation, and of the weights where they are the best so far.</summary>
    public void Offer(long step, EvaluationResult result)
    {
        Last = result;
        if (Best is not null && !(result.Loss < Best.Loss))
        {
            SinceBest++;
            return;
        }

        (Best, BestStep, SinceBest) = (result, step, 0);
        if (!keep || !holdsWeights)
            return;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in model.named_parameters())
            Copy(name).copy_(parameter);
    }

    /// <summary>Whether the best is known, but not its weights, which are to be kept: of a run that did not keep them before.</summary>
    public bool LacksWeights => keep && holdsWeights && Best is not null && _weights.Count == 0;

    /// <summary>Begins to look for the best anew.</summary>
    public void Forget() => (Best, BestStep, SinceBest) = (null, 0, 0);

    /// <summary>Goes on from a checkpoint.</summary>
    public void Resume(TrainerState state) =>
        (Best, Last, BestStep, SinceBest) = (state.Best, state.Last, state.BestStep, state.EvaluationsSinceBest);

    /// <summary>Reads the best weights of a checkpoint.</summary>
    public void Read(string path)
    {
        if (keep)
            TensorFile.Read(path, model.named_parameters().Select(p => (p.name, Copy(p.name))));
    }

    /// <summary>Puts the best weights back into the model.</summary>
    public void Restore()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (_weights.TryGetValue(name, out var kept))
                parameter.copy_(kept);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _weights.Values)
            tensor.Dispose();
        _weights.Clear();
    }

    private Tensor Copy(string name)
    {
        if (!_weights.TryGetValue(name, out var kept))
            _weights[name] = kept = empty(model.get_parameter(name)!.shape, ScalarType.Float32, CPU).DetachFromDisposeScope();
        return kept;
    }
}
