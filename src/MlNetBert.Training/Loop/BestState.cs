using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>Follows the evaluations of a run: which was best, when to stop, and the weights to go back to.</summary>
internal sealed class BestState(nn.Module model, bool keep, int? patience)
{
    private readonly Dictionary<string, Tensor> _weights = [];
    private EvaluationResult? _best;
    private EvaluationResult? _last;
    private int _sinceBest;

    /// <summary>Whether patience is at its end.</summary>
    public bool IsStale => _sinceBest >= patience;

    /// <summary>Figures of the weights that are returned.</summary>
    public EvaluationResult? Returned => keep ? _best : _last;

    /// <summary>Takes note of an evaluation, and of the weights where they are the best so far.</summary>
    public void Offer(EvaluationResult result)
    {
        _last = result;
        if (_best is not null && !(result.Loss < _best.Loss))
        {
            _sinceBest++;
            return;
        }

        _best = result;
        _sinceBest = 0;
        if (!keep)
            return;
        using var noGradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (_weights.TryGetValue(name, out var kept))
                kept.copy_(parameter);
            else
                _weights[name] = parameter.detach().cpu().clone().DetachFromDisposeScope();
        }
    }

    /// <summary>Puts the best weights back into the model, and frees the copies.</summary>
    public void Restore()
    {
        using var noGradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (_weights.Remove(name, out var kept))
            {
                parameter.copy_(kept);
                kept.Dispose();
            }
        }
    }
}
