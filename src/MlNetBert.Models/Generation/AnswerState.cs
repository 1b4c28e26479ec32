using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>Texts that a <see cref="SequenceToSequenceModel"/> writes in answer to others, which its encoder reads once.</summary>
internal sealed class AnswerState : CachedState
{
    private readonly SequenceToSequenceModel _model;
    private readonly ComputePrecision? _precision;
    private readonly SourceCache _sourceCache;
    private Tensor? _hidden; // [rows, source, hidden]
    private Tensor? _mask;   // [rows, source]; null attends to all

    public AnswerState(SequenceToSequenceModel model, ModelInputs prompt, ComputePrecision? precision)
        : base(model, model.Decoder.NewCache())
    {
        (_model, _precision) = (model, precision);
        _sourceCache = new SourceCache(model.Decoder.LayerModules.Count);
        Begin(() =>
        {
            PromptChecks.RequireIdsAndMask(prompt);
            var encoded = model.Encode(prompt, precision);
            _hidden = encoded.Hidden.DetachFromDisposeScope();
            _mask = encoded.AttentionMask?.clone().DetachFromDisposeScope();
            return full(prompt.Ids.shape[0], 1, model.DecoderStart!.Value, ScalarType.Int64, prompt.Ids.device);
        });
    }

    protected override void OnSelectRows(Tensor rows)
    {
        _sourceCache.SelectRows(rows);
        _hidden = Replaced(_hidden, _hidden!.index_select(0, rows));
        if (_mask is { } mask)
            _mask = Replaced(mask, mask.index_select(0, rows));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sourceCache.Dispose();
            _hidden?.Dispose();
            _mask?.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override Tensor Run(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var encoded = new EncoderStates(_hidden!, _mask) { Cache = _sourceCache };
        var decoded = _model.Decoder.forward(new(ids) { Cache = Cache, Encoded = encoded }, precision: _precision);
        return _model.Head.Logits(decoded.LastHiddenState.select(1, -1), _precision).MoveToOuterDisposeScope();
    }
}
