using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>
/// A model that Hugging Face's checkpoints fit: an encoder, or an encoder with a head. In evaluation mode (<c>eval()</c>) forward passes
/// may run on any number of threads at once; training, moving, loading and <see cref="PrepareForInference"/> are for one thread alone.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class LanguageModelModule : nn.Module
{
    private ComputePrecision _precision;
    private bool _activationCheckpointing;
    private bool _trainsWithKernels;
    private DropoutMasks? _dropout;

    private protected LanguageModelModule(string name, ModelConfig config)
        : base(name) => Config = config;

    /// <summary>The configuration the model was built from.</summary>
    public ModelConfig Config { get; }

    /// <summary>The class that Hugging Face names in <c>architectures</c> for this model, such as <c>BertForMaskedLM</c>.</summary>
    public abstract string ClassName { get; }

    /// <summary>
    /// What stands before an encoder's weight names where the encoder is part of this model (<c>bert.</c>); empty where the model is the
    /// encoder.
    /// </summary>
    public abstract string BackbonePrefix { get; }

    /// <summary>The number format of matrix products.</summary>
    /// <value>Default: <see cref="ComputePrecision.Float32"/>.</value>
    public virtual ComputePrecision Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <summary>
    /// Whether a training pass keeps only the inputs of the layers, and <see cref="Backward"/> computes the rest again (activation
    /// checkpointing, Chen et al. 2016): a third more work, and activations of one layer instead of all. On the CPU, loss and gradients of
    /// a pass are the same to the bit; where gradients of several add up, up to the order of the sums; a GPU draws other dropout masks. A
    /// pass whose loss nobody goes back from holds its memory until <see cref="ForgetPasses"/>.
    /// </summary>
    /// <value>Default: false.</value>
    public virtual bool ActivationCheckpointing
    {
        get => _activationCheckpointing;
        set => _activationCheckpointing = value;
    }

    /// <summary>
    /// Whether training passes take kernels of our own between matrix products, where the device has them: a processor, and a GPU in
    /// bfloat16 (<see cref="GpuKernels"/>). They take less time and memory, and libtorch has no graph of the layers: only
    /// <see cref="Backward"/> goes through them, while <c>loss.backward()</c>, <c>autograd.grad</c> and hooks stop at the head. A pass
    /// whose loss nobody goes back from holds its memory until <see cref="ForgetPasses"/>. This library's training loops switch it on for
    /// their steps, but for small ones on a processor.
    /// </summary>
    /// <value>Default: false.</value>
    public virtual bool TrainsWithKernels
    {
        get => _trainsWithKernels;
        set => _trainsWithKernels = value;
    }

    /// <summary>
    /// Every weight under the name Hugging Face gives it, in the order of Hugging Face's modules; a tied decoder is not listed.
    /// </summary>
    /// <returns>The weights. Asked anew after <c>to(device)</c>, because parameters are replaced then; <see cref="MoveTo"/> leaves
    /// them.</returns>
    public abstract IEnumerable<ModelWeight> CheckpointWeights();

    /// <summary>Other names under which older files hold a weight, and names of a file that hold no weight of this model.</summary>
    internal abstract WeightAliases Aliases { get; }

    /// <summary>Whether a weight of that name belongs to the encoder itself; a pooler belongs to the heads that need one.</summary>
    internal bool IsOfBackbone(string name) =>
        name.StartsWith(BackbonePrefix, StringComparison.Ordinal)
            && !name.AsSpan(BackbonePrefix.Length).StartsWith("pooler.", StringComparison.Ordinal);

    /// <summary>Every parameter once, with what an optimizer must know of it.</summary>
    /// <returns>The parameters in a fixed order.</returns>
    public IReadOnlyList<ModelParameter> TrainableParameters() =>
        [.. named_parameters().Select(named => new ModelParameter(named.name, named.parameter, Decays: named.parameter.dim() > 1))];

    /// <summary>
    /// Puts the model into evaluation mode for good: its weights change no more. Passes without gradients on the CPU then lay weights out
    /// when products of few rows first need them, at most 256 tokens in a layer: a pass over a short text takes half to nine tenths of the
    /// time, and there is a second copy of the weights that were used so (in bfloat16 half as large). <see cref="train"/>,
    /// <see cref="Initialize(long)"/>, <see cref="Weights.Load"/> and another call forget them.
    /// </summary>
    public virtual void PrepareForInference()
    {
        ForgetPreparedWeights();
        eval();
        Prepared = new PreparedWeights();
    }

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        if (train)
            ForgetPreparedWeights();
        base.train(train);
    }

    /// <summary>What <see cref="PrepareForInference"/> lays out; null before it.</summary>
    internal PreparedWeights? Prepared { get; private set; }

    /// <summary>Draws every weight anew.</summary>
    /// <param name="seed">Equal seeds give equal weights, whatever else was drawn before.</param>
    public void Initialize(long seed)
    {
        ForgetPreparedWeights();
        foreach (var weight in CheckpointWeights())
            Initialize(weight, seed);
    }

    /// <summary>
    /// Moves the weights to a device, and drops their gradients. The parameters stay the same objects; <c>to(device)</c> would replace
    /// them, and leave what it made on the way to the garbage collector, which does not see its memory. Use one of the two: after this
    /// method <c>to</c> does not know where the weights are.
    /// </summary>
    /// <param name="device">Where to.</param>
    public void MoveTo(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        using var guard = no_grad();
        bool IsElsewhere(Tensor tensor) =>
            tensor.device_type != device.type || (device.index >= 0 && tensor.device_index != device.index);
        foreach (var parameter in parameters().Where(IsElsewhere))
        {
            parameter.grad = null;
            using var moved = parameter.to(device);
            TensorMove.Rehouse(parameter, moved);
        }
    }

    /// <summary>Chooses the dropout of the next forward passes in training mode; each pass after it goes on from there.</summary>
    /// <param name="seed">Equal seeds give equal masks.</param>
    public virtual void SeedDropout(long seed) => _dropout = new DropoutMasks(seed);

    /// <summary>
    /// Adds the gradients of a loss to those of the parameters: <c>loss.backward()</c>, and then the way through the layers where libtorch
    /// has no graph of them, with <see cref="TrainsWithKernels"/> or <see cref="ActivationCheckpointing"/>, which only this method goes.
    /// Once for a forward pass: add up losses of the same pass first. Weights must not change between the two.
    /// </summary>
    /// <param name="loss">A scalar that was computed with this model.</param>
    public virtual void Backward(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        loss.backward();
    }

    /// <summary>
    /// Frees what passes in training mode have kept for a <see cref="Backward"/> that will not come. Passes in evaluation mode or without
    /// gradients keep nothing.
    /// </summary>
    public virtual void ForgetPasses()
    {
    }

    /// <summary>Frees what <see cref="PrepareForInference"/> laid out, and lays out no more.</summary>
    internal virtual void ForgetPreparedWeights()
    {
        Prepared?.Dispose();
        Prepared = null;
    }

    internal static void Initialize(ModelWeight weight, long seed)
    {
        using var scope = NewDisposeScope();
        var target = weight.Slice();
        var fill = weight.Fill;
        switch (fill.Kind)
        {
            case WeightFillKind.Normal:
                Initialization.Normal(target, fill.Deviation, seed, weight.Name);
                break;
            case WeightFillKind.TruncatedNormal:
                Initialization.TruncatedNormal(target, fill.Deviation, fill.Cutoff, seed, weight.Name);
                break;
            default:
                Initialization.Constant(target, fill.Kind == WeightFillKind.One ? 1 : 0);
                break;
        }

        if (fill.ZeroRow is { } row)
            Initialization.Constant(target.narrow(0, row, 1), 0);
    }

    private protected ForwardPass NewPass(ComputePrecision? precision = null) =>
        new(precision ?? Precision, training ? _dropout ??= new DropoutMasks(0) : null, Prepared: is_grad_enabled() ? null : Prepared,
            TakesKernels: TrainsWithKernels);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            ForgetPreparedWeights();
        base.Dispose(disposing);
    }
}
