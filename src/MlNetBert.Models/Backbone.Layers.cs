using MlNetBert.Models.Kernels;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <content>How layers are run, and what of their passes is kept for the way back.</content>
public abstract partial class Backbone
{
    private readonly List<IKeptPass> _kept = [];

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
}
