using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>An encoder: token ids to hidden states.</summary>
[Experimental("MLNETBERT001")]
public abstract class Backbone : LanguageModelModule
{
    private readonly List<IKeptPass> _kept = [];

    private protected Backbone(string name, ModelConfig config)
        : base(name, config)
    {
    }

    /// <inheritdoc/>
    public override string BackbonePrefix => "";

    /// <summary>Runs the encoder.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64, each below the configuration's vocabulary size.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend, 0 = padding, whose hidden states mean nothing (zeros, or what the
    /// layers make of padding); null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero. An architecture without segments takes null
    /// only.</param>
    /// <param name="allHiddenStates">Keep the embeddings' output and every layer's.</param>
    /// <param name="precision">The number format of this pass's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>The hidden states, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">A tensor has the wrong shape or type, or the sequence is longer than the model's
    /// positions.</exception>
    /// <exception cref="InvalidOperationException">An earlier loss was gone back from without <see cref="Backward"/>, which it needed: the
    /// layers have not learnt from it.</exception>
    public BackboneOutput forward(
        Tensor inputIds, Tensor? attentionMask =
            null, Tensor? tokenTypeIds = null, bool allHiddenStates = false, ComputePrecision? precision = null) =>
        Run(inputIds, attentionMask, tokenTypeIds, allHiddenStates, NewPass(precision));

    /// <summary>The word embeddings [vocabulary, hidden], which a tied decoder shares.</summary>
    internal abstract TorchSharp.Modules.Parameter WordEmbeddings { get; }

    /// <summary>Parts of passes that are kept for <see cref="Backward"/>.</summary>
    internal int KeptPasses => _kept.Count;

    /// <summary>Keeps a part of a pass for <see cref="Backward"/>.</summary>
    /// <returns>What the part gives.</returns>
    internal Tensor Keep(IKeptPass pass)
    {
        _kept.Add(pass);
        return pass.TakeOutput();
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

    internal BackboneOutput Run(Tensor inputIds, Tensor? attentionMask, Tensor? tokenTypeIds, bool allHiddenStates, ForwardPass pass)
    {
        Check(inputIds, attentionMask, tokenTypeIds);
        if (_kept.Exists(earlier => earlier.HasGradient))
        {
            throw new InvalidOperationException(
                $"A loss of this {ClassName} was gone back from by the loss's own backward(), which stops at the head with "
                    + $"{nameof(TrainsWithKernels)} or {nameof(ActivationCheckpointing)}: expected "
                    + $"{nameof(LanguageModelModule)}.{nameof(Backward)}(loss), which goes on through the layers.");
        }

        return Encode(inputIds, attentionMask, tokenTypeIds, allHiddenStates, pass);
    }

    /// <inheritdoc/>
    public override void Backward(Tensor loss)
    {
        base.Backward(loss);
        try
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
        catch
        {
            ForgetPasses();
            throw;
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
    private protected Tensor RunLayers(
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
        if (ActivationCheckpointing && training && states is null && is_grad_enabled())
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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            ForgetPasses();
        base.Dispose(disposing);
    }

    private protected abstract BackboneOutput Encode(Tensor inputIds, Tensor? attentionMask, Tensor? tokenTypeIds, bool allHiddenStates,
        ForwardPass pass);

    private void Check(Tensor inputIds, Tensor? attentionMask, Tensor? tokenTypeIds)
    {
        ArgumentNullException.ThrowIfNull(inputIds);
        if (inputIds.dim() != 2 || inputIds.dtype != ScalarType.Int64)
            throw new ArgumentException(
                $"Input ids must be int64 [batch, sequence], found {inputIds.dtype} [{string.Join(", ", inputIds.shape)}].",
                nameof(inputIds));
        if (inputIds.shape[1] > Config.MaxPositions)
            throw new ArgumentException(
                $"The sequence has {inputIds.shape[1]} tokens, but the model has {Config.MaxPositions} positions "
                    + "(max_position_embeddings): cut the text, or use a model with more.",
                nameof(inputIds));
        if (attentionMask is not null && attentionMask.device_type != inputIds.device_type)
            throw new ArgumentException($"The attention mask must be on {inputIds.device} as the input ids, found {attentionMask.device}.",
                nameof(attentionMask));
        if (attentionMask is not null && !attentionMask.shape.SequenceEqual(inputIds.shape))
            throw new ArgumentException(
                $"The attention mask must have the input ids' shape [{string.Join(", ", inputIds.shape)}], found "
                    + $"[{string.Join(", ", attentionMask.shape)}].",
                nameof(attentionMask));
        if (tokenTypeIds is not null && (tokenTypeIds.dtype != ScalarType.Int64 || !tokenTypeIds.shape.SequenceEqual(inputIds.shape)))
            throw new ArgumentException(
                $"Token type ids must be int64 [{string.Join(", ", inputIds.shape)}], found {tokenTypeIds.dtype} "
                    + $"[{string.Join(", ", tokenTypeIds.shape)}].",
                nameof(tokenTypeIds));
    }
}
