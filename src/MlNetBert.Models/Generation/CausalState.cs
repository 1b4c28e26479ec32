using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>Texts that a <see cref="CausalLanguageModel"/> continues.</summary>
internal sealed class CausalState : CachedState
{
    private readonly CausalLanguageModel _model;
    private readonly ComputePrecision? _precision;
    private Tensor? _mask; // [rows, length] of the positions so far; null without padding

    public CausalState(CausalLanguageModel model, ModelInputs prompt, ComputePrecision? precision)
        : base(model, model.Backbone.NewCache())
    {
        (_model, _precision) = (model, precision);
        Begin(() =>
        {
            CheckPrompt(prompt);
            _mask = AttentionMask.PaddingOf(prompt.AttentionMask)?.logical_not().DetachFromDisposeScope();
            return prompt.Ids;
        });
    }

    protected override void OnAdvance()
    {
        if (_mask is { } mask)
            _mask = Replaced(mask, cat([mask, ones(Rows, 1, mask.dtype, mask.device)], 1));
    }

    protected override void OnSelectRows(Tensor rows)
    {
        if (_mask is { } mask)
            _mask = Replaced(mask, mask.index_select(0, rows));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _mask?.Dispose();
        base.Dispose(disposing);
    }

    protected override Tensor Run(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var hidden = _model.Backbone.forward(new(ids, _mask) { Cache = Cache }, precision: _precision).LastHiddenState;
        return _model.Head.Logits(hidden.select(1, -1), _precision).MoveToOuterDisposeScope();
    }

    private static void CheckPrompt(ModelInputs prompt)
    {
        PromptChecks.RequireIdsAndMask(prompt);
        if (prompt.AttentionMask is { } mask && mask.shape.SequenceEqual(prompt.Ids.shape)
            && mask.select(1, -1).IsEqualTo(0).any().cpu().item<bool>())
            throw new ArgumentException("Prompts of unequal length must be padded on the left, so that each ends in its last position: "
                + "found an attention mask of 0 there.", nameof(prompt));
    }
}
