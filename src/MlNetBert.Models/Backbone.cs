using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>What is below the heads: token ids to hidden states.</summary>
[Experimental("MLNETBERT001")]
public abstract partial class Backbone : LanguageModelModule
{
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
}
