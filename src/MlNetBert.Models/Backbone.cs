using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What is below the heads: token ids to hidden states.</summary>
[Experimental("MLNETBERT001")]
public abstract class Backbone : LanguageModelModule
{
    private readonly List<IKeptPass> _kept = [];

    /// <summary>Makes the base of a backbone.</summary>
    /// <param name="name">The module's name.</param>
    /// <param name="config">The configuration.</param>
    protected Backbone(string name, ModelConfig config)
        : base(name, config)
    {
    }

    /// <inheritdoc/>
    protected sealed override Backbone GetBackbone() => this;

    /// <inheritdoc/>
    public sealed override string BackbonePrefix => "";

    /// <summary>What precedes this backbone's weight names in a model with a head (<c>bert.</c>).</summary>
    public abstract string PrefixInModels { get; }

    /// <summary>The layers from below, for layer-wise decay and frozen layers; one that runs several times is listed once.</summary>
    protected internal abstract IReadOnlyList<nn.Module> LayerModules { get; }

    /// <summary>What is below the layers.</summary>
    protected internal abstract IReadOnlyList<nn.Module> EmbeddingModules { get; }

    /// <inheritdoc/>
    public sealed override IEnumerable<ModelWeight> CheckpointWeights() => CheckpointWeights("");

    /// <summary>As <see cref="CheckpointWeights()"/>, under names that begin with a prefix.</summary>
    /// <param name="prefix">The prefix, such as <see cref="PrefixInModels"/>.</param>
    /// <returns>The weights.</returns>
    protected internal abstract IEnumerable<ModelWeight> CheckpointWeights(string prefix);

    /// <summary>Other names of the weights of a model on this backbone.</summary>
    /// <param name="prefix">What precedes the backbone's names in that model.</param>
    /// <param name="decodes">Whether the model has a head over the vocabulary.</param>
    /// <returns>The names.</returns>
    protected internal virtual WeightAliases AliasesIn(string prefix, bool decodes) => new() { Prefix = PrefixInModels };

    /// <summary>Whether a weight is there for heads, so that a backbone is complete without it: a pooler.</summary>
    /// <param name="name">The name without prefix.</param>
    protected internal virtual bool IsForHeads(string name) => false;

    /// <inheritdoc/>
    protected internal sealed override WeightAliases Aliases => AliasesIn("", decodes: false);

    /// <summary>What the backbone's pooler makes of its hidden states, for heads that take that.</summary>
    /// <param name="hidden">The last layer's hidden states [batch, sequence, hidden].</param>
    /// <param name="pass">The pass.</param>
    /// <returns>[batch, hidden], float32, in the caller's dispose scope; null where there is no pooler.</returns>
    protected internal virtual Tensor? Pool(Tensor hidden, ForwardPass pass) => null;

    /// <summary>Runs the backbone.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="allHiddenStates">Keep the embeddings' output and every layer's.</param>
    /// <param name="precision">The precision of this pass's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>The hidden states, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">A tensor has the wrong shape or type, the sequence is longer than the model's positions, or the
    /// architecture does not take an input.</exception>
    /// <exception cref="InvalidOperationException">An earlier loss was gone back from without
    /// <see cref="LanguageModelModule.Backward(Tensor)"/>, which it needed: the layers have not learnt from it.</exception>
    public BackboneOutput forward(ModelInputs inputs, bool allHiddenStates = false, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Run(inputs, allHiddenStates, BeginPass(inputs, precision));
    }

    /// <summary>Refuses inputs that cannot be run, and begins a pass.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="precision">As of <see cref="forward"/>.</param>
    private protected ForwardPass BeginPass(ModelInputs inputs, ComputePrecision? precision)
    {
        Check(inputs);
        if (_kept.Exists(earlier => earlier.HasGradient))
        {
            throw new InvalidOperationException(
                $"A loss of this {ClassName} was gone back from by the loss's own backward(), which stops at the head with "
                    + $"{nameof(TrainsWithKernels)} or {nameof(ActivationCheckpointing)}: expected "
                    + $"{nameof(LanguageModelModule)}.{nameof(Backward)}(loss), which goes on through the layers.");
        }

        return NewPass(precision);
    }

    /// <summary>A cache for the keys and values of this backbone's layers.</summary>
    /// <returns>The cache, empty.</returns>
    /// <exception cref="NotSupportedException">The backbone is no decoder.</exception>
    protected internal virtual KeyValueCache NewCache() =>
        throw new NotSupportedException($"{ClassName} is no decoder: its positions see later ones, so that it has no cache.");

    /// <summary>Whether the backbone is the decoder of a text-to-text model, which takes <see cref="ModelInputs.Encoded"/>.</summary>
    protected internal virtual bool AttendsToEncoder => false;

    /// <summary>
    /// What passes of a reference do (<see cref="ModelInputs.IsReference"/>) and others do not, a sentence; null for nothing.
    /// </summary>
    internal virtual string? ReferenceRemark => null;

    /// <summary>The word embeddings [vocabulary, hidden], which a tied decoder shares: the same object every time.</summary>
    protected internal abstract TorchSharp.Modules.Parameter WordEmbeddings { get; }

    /// <summary>
    /// Takes the embeddings of another backbone, tables and norm, in place of its own: both learn the same parameters. The other backbone
    /// holds them and outlives this one.
    /// </summary>
    /// <param name="owner">A backbone of the same class with embeddings of the same shapes.</param>
    /// <exception cref="NotSupportedException">Backbones of this class share no embeddings.</exception>
    internal virtual void BorrowEmbeddings(Backbone owner) =>
        throw new NotSupportedException($"{ClassName} cannot share embeddings with another backbone.");

    /// <summary>Parts of passes that are kept for <see cref="LanguageModelModule.Backward"/>.</summary>
    internal int KeptPasses => _kept.Count;

    /// <summary>Keeps a part of a pass for <see cref="LanguageModelModule.Backward"/>.</summary>
    /// <returns>What the part gives.</returns>
    internal Tensor Keep(IKeptPass pass)
    {
        _kept.Add(pass);
        return pass.TakeOutput();
    }

    /// <summary>
    /// Hidden states for several losses that are added up: the backward pass through the backbone comes once, after those of all heads.
    /// Without it a <see cref="Heads.VocabularyHead.LossSum"/> that libtorch has no graph of, and a second loss beside it, would each go
    /// through the backbone, whose graph is gone after the first.
    /// </summary>
    /// <param name="hidden">What <see cref="forward"/> gave; taken over where it has a graph.</param>
    /// <returns>The same numbers, in the caller's dispose scope. Go back from the sum of the losses with
    /// <see cref="LanguageModelModule.Backward(Tensor)"/>.</returns>
    public Tensor ShareAmongLosses(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return is_grad_enabled() && hidden.requires_grad ? Keep(new SharedInput(hidden)) : hidden;
    }

    /// <summary>
    /// The kernels that a pass through layers takes, where libtorch's graph of them is cut: in training, where every layer learns, nothing
    /// else is wanted of the pass and no padding is taken out; otherwise null.
    /// </summary>
    /// <param name="embedded">What the first layer takes.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="allHiddenStates">Whether every layer's output is wanted.</param>
    /// <param name="unpadding">How padding is taken out; null where it is not.</param>
    /// <param name="columns">Numbers of a row that kernels go through.</param>
    /// <param name="pass">The pass.</param>
    private protected IFusedKernels? KernelsFor(
        Tensor embedded, IEnumerable<nn.Module> layers, bool allHiddenStates, Unpadding? unpadding, long columns, ForwardPass pass) =>
        !allHiddenStates && unpadding is null && pass.KernelsOn(embedded.device, columns) is { } kernels
            && layers.All(layer => layer.parameters().All(parameter => parameter.requires_grad)) ? kernels : null;

    /// <summary>The level of each parameter: 0 below the layers, n in the n-th, and one more above the last.</summary>
    internal IReadOnlyDictionary<object, int> Levels()
    {
        var levels = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        foreach (var parameter in EmbeddingModules.SelectMany(module => module.parameters()))
            levels.TryAdd(parameter, 0);
        foreach (var (index, layer) in LayerModules.Index())
        {
            foreach (var parameter in layer.parameters())
                levels.TryAdd(parameter, index + 1);
        }

        foreach (var parameter in parameters())
            levels.TryAdd(parameter, LayerModules.Count + 1);
        return levels;
    }

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var output = RunBackbone(inputs, named);
        named["last_hidden_state"] = output.LastHiddenState;
        if (Pool(output.LastHiddenState, NewPass()) is { } pooled)
            named["pooler_output"] = pooled;
        return new ReferenceOutputs(named, Loss: null);
    }

    /// <inheritdoc/>
    private protected override void RunKeptBackward()
    {
        // The last part first: the gradient that it arrives with comes out of it for the one before.
        for (var i = _kept.Count - 1; i >= 0; i--)
        {
            if (!_kept[i].TryBackward())
                continue;
            _kept[i].Dispose();
            _kept.RemoveAt(i);
        }
    }

    /// <inheritdoc/>
    public override void ForgetPasses()
    {
        _kept.ForEach(pass => pass.Dispose());
        _kept.Clear();
    }

    /// <summary>
    /// Runs the layers one after the other, in the caller's dispose scope; where much of the batch is padding, on its tokens alone.
    /// </summary>
    /// <param name="hidden">What the first layer takes [batch, sequence, hidden]; it is disposed where it is not among
    /// <paramref name="states"/>, with activation checkpointing after the way back.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="layer">Runs one of them.</param>
    /// <param name="needed">What <paramref name="layer"/> needs beside its input, such as masks; activation checkpointing takes it over
    /// until the way back.</param>
    /// <param name="states">Gets the input of every layer; null keeps none.</param>
    /// <param name="unpadding">How padding is taken out; null where it is not.</param>
    /// <param name="pass">The pass.</param>
    /// <returns>What the last layer gives [batch, sequence, hidden].</returns>
    protected Tensor RunLayers(
        Tensor hidden,
        IReadOnlyList<nn.Module> layers,
        LayerFunction layer,
        IReadOnlyList<Tensor> needed,
        List<Tensor>? states,
        Unpadding? unpadding,
        ForwardPass pass)
    {
        if (unpadding is null)
            return RunLayers(hidden, layers, layer, needed, states, pass);
        var tokens = unpadding.Take(hidden);                                                 // [tokens, hidden]
        hidden.Dispose();
        return unpadding.Put(RunLayers(tokens, layers, layer, [.. needed, unpadding.Index], states, pass with { Unpadding = unpadding }));
    }

    private Tensor RunLayers(
        Tensor hidden,
        IReadOnlyList<nn.Module> layers,
        LayerFunction layer,
        IReadOnlyList<Tensor> needed,
        List<Tensor>? states,
        ForwardPass pass)
    {
        if (Recomputes(states))
            return Keep(new RecomputedLayers(hidden, layers, layer, needed, pass));

        for (var i = 0; i < layers.Count; i++)
        {
            var next = layer(i, hidden, pass);
            if (states is not null)
                states.Add(hidden);
            else
                hidden.Dispose();
            hidden = next;
        }

        return hidden;
    }

    /// <summary>
    /// A tensor that learns and that every layer takes, as <see cref="RunLayers(Tensor, IReadOnlyList{nn.Module}, LayerFunction,
    /// IReadOnlyList{Tensor}, List{Tensor}?, Unpadding?, ForwardPass)"/> needs it: with activation checkpointing its graph is cut off.
    /// </summary>
    /// <param name="computed">The tensor with its graph; taken over.</param>
    /// <param name="states">As of the layers.</param>
    private protected Tensor ShareAmongLayers(Tensor computed, List<Tensor>? states) =>
        Recomputes(states) && computed.requires_grad ? Keep(new SharedInput(computed)) : computed;

    private bool Recomputes(List<Tensor>? states) => ActivationCheckpointing && training && states is null && is_grad_enabled();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            ForgetPasses();
        base.Dispose(disposing);
    }

    /// <summary>Runs the backbone on inputs whose shapes and types are right.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="allHiddenStates">Keep the embeddings' output and every layer's.</param>
    /// <param name="pass">What the layers have in common.</param>
    /// <returns>The hidden states, in the caller's dispose scope.</returns>
    protected abstract BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass);

    private void Check(ModelInputs inputs)
    {
        var ids = inputs.Ids;
        if (ids.dim() != 2 || ids.dtype != ScalarType.Int64)
            throw new ArgumentException(
                $"Input ids must be int64 [batch, sequence], found {ids.dtype} [{string.Join(", ", ids.shape)}].", nameof(inputs));
        var before = inputs.Cache?.Length ?? 0;
        if (Config.MaxLength is { } positions && before + ids.shape[1] > positions)
            throw new ArgumentException(
                $"The sequence has {before + ids.shape[1]} tokens, but the model has {positions} positions ({Config.Keys.Positions}): cut "
                    + "the text, or use a model with more.",
                nameof(inputs));
        if (inputs.AttentionMask is { } mask)
        {
            if (mask.device_type != ids.device_type)
                throw new ArgumentException($"The attention mask must be on {ids.device} as the input ids, found {mask.device}.",
                    nameof(inputs));
            if (!mask.shape.SequenceEqual([ids.shape[0], before + ids.shape[1]]))
                throw new ArgumentException(
                    (before == 0
                            ? "The attention mask must have the input ids' shape "
                            : "The attention mask must cover cached positions, too: ")
                        + $"[{ids.shape[0]}, {before + ids.shape[1]}], found "
                        + $"[{string.Join(", ", mask.shape)}].",
                    nameof(inputs));
        }

        if (inputs.Encoded is not null != AttendsToEncoder)
            throw new ArgumentException(
                AttendsToEncoder
                    ? $"{ClassName} attends to an encoder: expected its hidden states ({nameof(ModelInputs.Encoded)}), found none."
                    : $"{ClassName} attends to no encoder: expected {nameof(ModelInputs.Encoded)} to be null.",
                nameof(inputs));

        foreach (var (what, tensor) in new[] { ("Token type ids", inputs.TokenTypeIds), ("Position ids", inputs.PositionIds) })
        {
            if (tensor is not null && (tensor.dtype != ScalarType.Int64 || !tensor.shape.SequenceEqual(ids.shape)))
                throw new ArgumentException(
                    $"{what} must be int64 [{string.Join(", ", ids.shape)}], found {tensor.dtype} [{string.Join(", ", tensor.shape)}].",
                    nameof(inputs));
        }
    }

    /// <summary>Refuses token type ids where the architecture has no segments.</summary>
    /// <param name="inputs">The batch.</param>
    /// <exception cref="ArgumentException">There are some.</exception>
    protected void RequireNoSegments(ModelInputs inputs)
    {
        if (inputs.TokenTypeIds is not null && Config.TokenTypeCount == 0)
            throw new ArgumentException($"{ClassName} has no segments: expected no token type ids.", nameof(inputs));
    }

    /// <summary>
    /// Refuses what an encoder does not take: a causal pass, position ids where its layers know places themselves, and token type ids
    /// where it has no segments.
    /// </summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="takesPositionIds">Whether it takes position ids.</param>
    /// <exception cref="ArgumentException">There is such an input.</exception>
    protected void RequireEncoderInputs(ModelInputs inputs, bool takesPositionIds)
    {
        if (inputs.Causal == true)
            throw new ArgumentException($"{ClassName} attends in both directions: expected Causal to be null or false.", nameof(inputs));
        if (inputs.Cache is not null)
            throw new ArgumentException(
                $"{ClassName} has no cache: its positions see later ones. Expected Cache to be null.", nameof(inputs));
        RequireNoSegments(inputs);
        if (inputs.PositionIds is not null && !takesPositionIds)
            throw new ArgumentException($"{ClassName} counts positions from 0: expected no position ids.", nameof(inputs));
    }
}
