using MlNetBert.Models.Layers;
using MlNetBert.Training.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Training.Optimizers;

/// <summary>
/// AdamW with clipping in one fused pass over all parameters: the gradient norm, the scale and whether the update is finite all stay tensors, so a
/// step needs no answer from the device. A step whose gradients are not finite changes nothing.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly AdamWSettings _settings;
    private readonly ParameterGroup[] _groups;
    private readonly Tensor _steps;

    /// <summary>Creates the optimizer; its state is made beside the parameters, so move them to their device first.</summary>
    /// <param name="parameters">Name and tensor of everything that is trained.</param>
    /// <param name="settings">Settings of the run.</param>
    /// <param name="learningRateScale">A factor on the learning rate by parameter name; null gives 1 to all.</param>
    public AdamW(IEnumerable<(string Name, Parameter Parameter)> parameters, AdamWSettings settings, Func<string, double>? learningRateScale = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        var trained = parameters.Where(p => p.Parameter.requires_grad).ToList();
        if (trained.Count == 0)
            throw new ArgumentException("expected at least one parameter that requires a gradient, found none", nameof(parameters));
        _steps = zeros(1, ScalarType.Float32, trained[0].Parameter.device).DetachFromDisposeScope();
        _groups =
        [
            .. trained
                .GroupBy(p => (Decay: p.Parameter.dim() > 1 ? settings.WeightDecay : 0, Scale: learningRateScale?.Invoke(p.Name) ?? 1))
                .Select(g => new ParameterGroup([.. g.Select(p => new ParameterState(p.Name, p.Parameter))], g.Key.Decay, g.Key.Scale)),
        ];
    }

    /// <summary>Updates made so far.</summary>
    public long Updates
    {
        get => (long)_steps.ReadSingle();
        set => _steps.SetTo(value);
    }

    /// <summary>The state by name: running means of the gradient (<c>exp_avg.PARAMETER</c>) and of its square (<c>exp_avg_sq.PARAMETER</c>), float32, shaped as the parameter.</summary>
    private IEnumerable<(string Name, Tensor Tensor)> State => _groups.SelectMany(g => g.Parameters)
        .SelectMany(p => new[] { ("exp_avg." + p.Name, p.Average), ("exp_avg_sq." + p.Name, p.Square) });

    /// <summary>Clips the gradients, updates the parameters, and frees the gradients.</summary>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="losses">What the gradients are of: where one is not finite, the update is skipped too.</param>
    /// <returns>The 2-norm of all gradients before clipping, a float32 scalar; the update was skipped where it or a loss is not finite.</returns>
    public Tensor Step(double learningRate, params IReadOnlyList<Tensor> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var work = _groups.Select(g => (Group: g, Active: g.Parameters.Select(p => (State: p, Gradient: p.Parameter.grad)).Where(p => p.Gradient is not null).ToArray()))
            .Where(g => g.Active.Length > 0).ToArray();
        if (work.Length == 0)
            return zeros(1, ScalarType.Float32).MoveToOuterDisposeScope();
        var gradients = work.SelectMany(w => w.Active).Select(p => p.Gradient!).ToArray();
        var norm = FusedOperators.Norm(gradients);
        var scale = _settings.ClipNorm > 0 ? norm.Plus(1e-6).Over(_settings.ClipNorm).AtLeast(1) : ones_like(norm);
        var finite = losses.Aggregate(norm.isfinite(), (all, loss) => all.logical_and(loss.isfinite()));
        var skip = finite.logical_not().to_type(ScalarType.Float32);
        _steps.Increase(finite.to_type(ScalarType.Float32));
        foreach (var (group, active) in work)
        {
            FusedOperators.AdamW(
                [.. active.Select(p => (Tensor)p.State.Parameter)],
                [.. active.Select(p => p.Gradient!)],
                [.. active.Select(p => p.State.Average)],
                [.. active.Select(p => p.State.Square)],
                _steps,
                scale,
                skip,
                [learningRate * group.LearningRateScale, _settings.Beta1, _settings.Beta2, _settings.Epsilon, group.WeightDecay]);
            foreach (var (state, _) in active)
                state.Parameter.grad = null;
        }

        return norm.MoveToOuterDisposeScope();
    }

    /// <summary>A copy of the state in ordinary memory; the caller disposes of it.</summary>
    internal List<(string Name, Tensor Tensor)> CopyState() =>
        [.. State.Select(s => (s.Name, s.Tensor.cpu().clone().DetachFromDisposeScope()))];

    /// <summary>Puts back a saved state.</summary>
    internal void Load(string path, long updates)
    {
        TensorFile.Read(path, State);
        Updates = updates;
    }

    /// <summary>Frees the state; the parameters are the model's.</summary>
    public void Dispose()
    {
        _steps.Dispose();
        foreach (var parameter in _groups.SelectMany(g => g.Parameters))
        {
            parameter.Average.Dispose();
            parameter.Square.Dispose();
        }
    }

    private sealed record ParameterGroup(ParameterState[] Parameters, double WeightDecay, double LearningRateScale);

    private sealed class ParameterState(string name, Parameter parameter)
    {
        public string Name { get; } = name;

        public Parameter Parameter { get; } = parameter;

        public Tensor Average { get; } = zeros_like(parameter, ScalarType.Float32).DetachFromDisposeScope();

        public Tensor Square { get; } = zeros_like(parameter, ScalarType.Float32).DetachFromDisposeScope();
    }
}
