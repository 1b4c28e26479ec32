using System.Globalization;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>
/// A model that Hugging Face's checkpoints fit: a backbone, or one or several with a head. What is set here holds for every model inside.
/// In evaluation mode (<c>eval()</c>) forward passes may run on any number of threads at once; training, moving, loading and
/// <see cref="PrepareForInference"/> are for one thread alone.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract partial class LanguageModelModule : nn.Module
{
    private DropoutMasks? _dropout;
    private IReadOnlyList<LanguageModelModule>? _parts;

    /// <summary>Makes the base of a model.</summary>
    /// <param name="name">The module's name.</param>
    /// <param name="config">The configuration.</param>
    protected LanguageModelModule(string name, ModelConfig config)
        : base(name) => Config = config;

    /// <summary>The configuration the model was built from.</summary>
    public ModelConfig Config { get; }

    /// <summary>The class that Hugging Face names in <c>architectures</c> for this model, such as <c>BertForMaskedLM</c>.</summary>
    public abstract string ClassName { get; }

    /// <summary>
    /// What precedes a backbone's weight names where the backbone is part of this model (<c>bert.</c>); empty where the model is the
    /// backbone.
    /// </summary>
    public abstract string BackbonePrefix { get; }

    /// <summary>The backbone: the model itself, or the part below its head; of two stacks the encoder. The model owns it.</summary>
    public Backbone Backbone => GetBackbone();

    /// <summary>The stack whose hidden states the head takes: the backbone; of two stacks the decoder.</summary>
    internal virtual Backbone LastStack => Backbone;

    /// <summary>Gives <see cref="Backbone"/>.</summary>
    /// <returns>The backbone.</returns>
    protected abstract Backbone GetBackbone();

    /// <summary>The number format of matrix products.</summary>
    /// <value>Default: <see cref="ComputePrecision.Float32"/>.</value>
    public ComputePrecision Precision
    {
        get;
        set => SetInAll(ref field, value, part => part.Precision = value);
    }

    /// <summary>
    /// Whether a training pass keeps only the inputs of the layers, and <see cref="Backward"/> computes the rest again (activation
    /// checkpointing, Chen et al. 2016): a third more work, and activations of one layer instead of all. On the CPU, loss and gradients of
    /// a pass are the same to the bit; where gradients of several add up, up to the order of the sums; a GPU draws other dropout masks. A
    /// pass whose loss nobody goes back from holds its memory until <see cref="ForgetPasses"/>.
    /// </summary>
    /// <value>Default: false.</value>
    public bool ActivationCheckpointing
    {
        get;
        set => SetInAll(ref field, value, part => part.ActivationCheckpointing = value);
    }

    /// <summary>
    /// Whether training passes take kernels of our own between matrix products, where the device has them: a processor, and a GPU in
    /// bfloat16 (<see cref="GpuKernels"/>). They take less time and memory, and libtorch has no graph of the layers: only
    /// <see cref="Backward"/> goes through them, while <c>loss.backward()</c>, <c>autograd.grad</c> and hooks stop at the head. A pass
    /// whose loss nobody goes back from holds its memory until <see cref="ForgetPasses"/>. This library's training loops switch it on for
    /// their steps, but for small ones on a processor.
    /// </summary>
    /// <value>Default: false.</value>
    public bool TrainsWithKernels
    {
        get;
        set => SetInAll(ref field, value, part => part.TrainsWithKernels = value);
    }

    /// <summary>
    /// Every weight under the name Hugging Face gives it, in the order of Hugging Face's modules; a tied decoder is not listed.
    /// </summary>
    /// <returns>The weights. Asked anew after <c>to(device)</c>, because parameters are replaced then; <see cref="MoveTo"/> leaves
    /// them.</returns>
    public abstract IEnumerable<ModelWeight> CheckpointWeights();

    /// <summary>Other names under which older files hold a weight, and names of a file that hold no weight of this model.</summary>
    protected internal abstract WeightAliases Aliases { get; }

    /// <summary>The models that this one is made of, in the order in which they run; those inside of them are not listed.</summary>
    // Found once: looking through the modules at every step takes memory. A constructor may ask before it has registered them.
    private IReadOnlyList<LanguageModelModule> Parts
    {
        get
        {
            if (_parts is not null)
                return _parts;
            var backbone = GetBackbone();
            // The order of modules is that of fields, those of a derived class first.
            LanguageModelModule[] parts =
                [.. children().SelectMany(OutermostIn).OrderByDescending(part => ReferenceEquals(part, backbone))];
            return parts.Length == 0 && backbone is not null && backbone != this ? [backbone] : _parts = parts;
        }
    }

    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
        base.RegisterComponents();
        _parts = null;
    }

    private void SetInAll<T>(ref T field, T value, Action<LanguageModelModule> set)
    {
        field = value;
        foreach (var part in Parts)
            set(part);
    }

    /// <summary>Whether a weight of that name belongs to the backbone itself; a pooler belongs to the heads that need one.</summary>
    internal bool IsOfBackbone(string name) =>
        name.StartsWith(BackbonePrefix, StringComparison.Ordinal) && !Backbone.IsForHeads(name[BackbonePrefix.Length..]);

    /// <summary>Whether the model is whole without a weight: a backbone without what is there for heads.</summary>
    internal bool IsWholeWithout(string name) => this is Backbone && !IsOfBackbone(name);

    /// <summary>The models in a module, in the order in which they run; those inside of another model are not listed.</summary>
    /// <param name="root">The module, which may be a model itself.</param>
    /// <returns>The models.</returns>
    public static IEnumerable<LanguageModelModule> OutermostIn(nn.Module root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return root is LanguageModelModule model ? [model] : root.children().SelectMany(OutermostIn);
    }

    /// <summary>
    /// Puts the model into evaluation mode for good: its weights change no more. Passes without gradients on the CPU then lay weights out
    /// when products of few rows first need them, at most 256 tokens in a layer: a pass over a short text takes half to nine tenths of the
    /// time, and there is a second copy of the weights that were used so (in bfloat16 half as large). <see cref="train"/>,
    /// <see cref="Initialize(long)"/>, <see cref="Weights.Load"/> and another call forget them.
    /// </summary>
    public void PrepareForInference()
    {
        ForgetPreparedWeights();
        eval();
        Prepared = new PreparedWeights();
        foreach (var part in Parts)
            part.PrepareForInference();
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
        Move(this, device);
    }

    /// <summary>As <see cref="MoveTo"/>, with everything in a module, buffers of plain modules too.</summary>
    internal static void Move(nn.Module root, Device device)
    {
        using var guard = no_grad();
        bool IsElsewhere(Tensor tensor) =>
            tensor.device_type != device.type || (device.index >= 0 && tensor.device_index != device.index);
        foreach (var tensor in root.parameters().Concat(root.buffers()).Where(IsElsewhere))
        {
            if (tensor is TorchSharp.Modules.Parameter)
                tensor.grad = null;
            using var moved = tensor.to(device);
            TensorMove.Rehouse(tensor, moved);
        }
    }

    /// <summary>Chooses the dropout of the next forward passes in training mode; each pass after it goes on from there.</summary>
    /// <param name="seed">Equal seeds give equal masks; parts of a model get different ones.</param>
    public void SeedDropout(long seed)
    {
        var parts = Parts;
        _dropout = new DropoutMasks(parts.Count == 0 ? seed : ~seed);
        for (var i = 0; i < parts.Count; i++)
            parts[i].SeedDropout(i == 0 ? seed : (long)(SplitMix64.Mix((ulong)seed + ((ulong)i * SplitMix64.Increment)) >> 1));
    }

    /// <summary>Frees what <see cref="PrepareForInference"/> laid out, and lays out no more.</summary>
    internal void ForgetPreparedWeights()
    {
        Prepared?.Dispose();
        Prepared = null;
        foreach (var part in Parts)
            part.ForgetPreparedWeights();
    }

    /// <summary>Runs the model on a reference's inputs.</summary>
    /// <param name="inputs">The inputs by name.</param>
    /// <returns>What the model gives under Hugging Face's names, and the loss.</returns>
    protected internal abstract ReferenceOutputs RunReference(ReferenceInputs inputs);

    /// <summary>Runs the backbone on a reference's inputs, twice: for all hidden states, and for what a head takes.</summary>
    /// <param name="inputs">The inputs by name.</param>
    /// <param name="named">Gets every hidden state under its name.</param>
    /// <param name="withPadding">Whether the head's input has the hidden states of padding, too; otherwise padding is taken out, as
    /// training and inference do it.</param>
    /// <returns>What a head takes.</returns>
    protected BackboneOutput RunBackbone(ReferenceInputs inputs, IDictionary<string, Tensor> named, bool withPadding = false)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(named);
        var batch = inputs.ToModelInputs();
        var output = Backbone.forward(batch, allHiddenStates: true);
        foreach (var (index, hidden) in output.HiddenStates.Index())
            named[string.Create(CultureInfo.InvariantCulture, $"hidden_states.{index}")] = hidden;
        return withPadding ? output : Backbone.forward(batch);
    }

    internal void Initialize(ModelWeight weight, long seed)
    {
        using var scope = NewDisposeScope();
        // A weight starts alike in a backbone alone and below a head.
        var drawn = this is Backbone own ? own.PrefixInModels + weight.Name : weight.Name;
        var target = weight.Slice();
        var fill = weight.Fill;
        switch (fill.Kind)
        {
            case WeightFillKind.Normal:
                Initialization.Normal(target, fill.Deviation, seed, drawn);
                break;
            case WeightFillKind.TruncatedNormal:
                Initialization.TruncatedNormal(target, fill.Deviation, fill.Cutoff, seed, drawn);
                break;
            case WeightFillKind.Sinusoidal:
                Initialization.Sinusoids(target);
                break;
            case WeightFillKind.Constant:
                Initialization.Constant(target, fill.Value);
                break;
            default:
                Initialization.Constant(target, fill.Kind == WeightFillKind.One ? 1 : 0);
                break;
        }

        if (fill.ZeroRow is { } row)
            Initialization.Constant(target.narrow(0, row, 1), 0);
    }

    /// <summary>What the layers of a pass of this model have in common.</summary>
    /// <param name="precision">The precision of matrix products; null is <see cref="Precision"/>.</param>
    /// <returns>The pass.</returns>
    protected internal ForwardPass NewPass(ComputePrecision? precision = null) =>
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
