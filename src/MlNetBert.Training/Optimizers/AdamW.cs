using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Training.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Training.Optimizers;

/// <summary>
/// AdamW with clipping in one fused pass over all parameters: the gradient norm, the scale and whether the update is finite all stay
/// tensors, so a step needs no answer from the device. A step whose gradients are not finite changes nothing.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly AdamWSettings _settings;
    private readonly ParameterGroup[] _groups;
    private readonly Tensor _steps;

    /// <summary>Creates the optimizer; its state is made beside the parameters, so move them to their device first.</summary>
    /// <param name="parameters">Everything that is trained.</param>
    /// <param name="settings">Settings of the run.</param>
    /// <param name="learningRateScale">A factor on the learning rate of a parameter; null gives 1 to all.</param>
    public AdamW(IEnumerable<ModelParameter> parameters, AdamWSettings settings,
        Func<ModelParameter, double>? learningRateScale = null)
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
                .GroupBy(p => (Decay: p.Decays ? settings.WeightDecay : 0, Scale: learningRateScale?.Invoke(p) ?? 1))
                .Select(g =>
                    new ParameterGroup([.. g.Select(p => new ParameterState(p.Name, p.Parameter, settings.KeepGradients))], g.Key.Decay,
                        g.Key.Scale)),
        ];
    }

    /// <summary>Updates made so far.</summary>
    public long Updates
    {
        get => (long)_steps.ReadSingle();
        set => _steps.SetTo(value);
    }

    /// <summary>
    /// The state by name: running means of the gradient (<c>exp_avg.PARAMETER</c>) and of its square (<c>exp_avg_sq.PARAMETER</c>),
    /// float32, shaped as the parameter.
    /// </summary>
    private IEnumerable<(string Name, Tensor Tensor)> State => _groups.SelectMany(g => g.Parameters)
        .SelectMany(p => new[] { ("exp_avg." + p.Name, p.Average), ("exp_avg_sq." + p.Name, p.Square) });

    /// <summary>Clips the gradients, updates the parameters, and frees the gradients or sets them to zero.</summary>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="losses">What the gradients are of: where one is not finite, the update is skipped too.</param>
    /// <returns>The 2-norm of all gradients before clipping, a float32 scalar; the update was skipped where it or a loss is not
    /// finite.</returns>
    public Tensor Step(double learningRate, params IReadOnlyList<Tensor> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        // A parameter that took no part in the step has a gradient of zero, kept or not, as in PyTorch with zero_grad(set_to_none=False):
        // it decays, and goes on by what its running means still hold.
        var gradients = _groups.Select(g => Array.ConvertAll(g.Parameters, p => p.Parameter.grad ?? zeros_like(p.Parameter))).ToArray();
        var norm = FusedOperators.Norm([.. gradients.SelectMany(g => g)]);
        var scale = _settings.ClipNorm > 0 ? norm.Plus(1e-6).Over(_settings.ClipNorm).AtLeast(1) : ones_like(norm);
        var finite = losses.Aggregate(norm.isfinite(), (all, loss) => all.logical_and(loss.isfinite()));
        var skip = finite.logical_not().to_type(ScalarType.Float32);
        _steps.Increase(finite.to_type(ScalarType.Float32));
        foreach (var (group, gradient) in _groups.Zip(gradients))
        {
            FusedOperators.AdamW(
                Array.ConvertAll(group.Parameters, p => (Tensor)p.Parameter),
                gradient,
                Array.ConvertAll(group.Parameters, p => p.Average),
                Array.ConvertAll(group.Parameters, p => p.Square),
                _steps,
                scale,
                skip,
                [learningRate * group.LearningRateScale, _settings.Beta1, _settings.Beta2, _settings.Epsilon, group.WeightDecay]);
            if (_settings.KeepGradients)
                FusedOperators.Zero(gradient);
            else
                Array.ForEach(group.Parameters, p => p.Parameter.grad = null);
        }

        return norm.MoveToOuterDisposeScope();
    }

    /// <summary>Everything that an update depends on beside parameters and gradients, in a fixed order.</summary>
    internal IEnumerable<Tensor> StateTensors => State.Select(s => s.Tensor).Append(_steps);

    /// <summary>A copy of the state in ordinary memory; the caller disposes of it.</summary>
    internal List<(string Name, Tensor Tensor)> CopyState() =>
        [.. State.Select(s => (s.Name, s.Tensor.cpu().clone().DetachFromDisposeScope()))];

    /// <summary>Puts back a saved state.</summary>
    internal void Load(string path, long updates)
    {
        TensorFile.Read(path, State);
        Updates = updates;
    }

    /// <summary>Frees the state and the gradients that were kept; the parameters are the model's.</summary>
    public void Dispose()
    {
        _steps.Dispose();
        foreach (var parameter in _groups.SelectMany(g => g.Parameters))
        {
            parameter.Average.Dispose();
            parameter.Square.Dispose();
            if (_settings.KeepGradients && !parameter.Parameter.IsInvalid)
                parameter.Parameter.grad = null;
        }
    }

    private sealed record ParameterGroup(ParameterState[] Parameters, double WeightDecay, double LearningRateScale);

    private sealed class ParameterState
    {
        public ParameterState(string name, Parameter parameter, bool keepGradient)
        {
            (Name, Parameter) = (name, parameter);
            Average = zeros_like(parameter, ScalarType.Float32).DetachFromDisposeScope();
            Square = zeros_like(parameter, ScalarType.Float32).DetachFromDisposeScope();
            if (!keepGradient)
                return;
            using var gradient = zeros_like(parameter);
            parameter.grad = gradient;
        }

        public string Name { get; }

        public Parameter Parameter { get; }

        public Tensor Average { get; }

        public Tensor Square { get; }
    }
}
