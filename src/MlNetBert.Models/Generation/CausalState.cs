using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>Texts that a <see cref="CausalLanguageModel"/> continues.</summary>
internal sealed class CausalState : GenerationState
{
    private readonly CausalLanguageModel _model;
    private readonly KeyValueCache _cache;
    private readonly ComputePrecision? _precision;
    private Tensor? _mask; // [rows, length] of the positions so far; null without padding
    private Tensor _logits;

    public CausalState(CausalLanguageModel model, ModelInputs prompt, ComputePrecision? precision)
    {
        if (model.training)
            throw new InvalidOperationException($"{model.ClassName} is in training mode, where dropout disturbs it: call eval() first.");
        using var guard = no_grad();
        _model = model;
        _precision = precision;
        _cache = model.Backbone.NewCache();
        try
        {
            using var scope = NewDisposeScope();
            CheckPrompt(prompt);
            _mask = AttentionMask.PaddingOf(prompt.AttentionMask)?.logical_not().DetachFromDisposeScope();
            _logits = Run(prompt.Ids).DetachFromDisposeScope();
        }
        catch
        {
            _mask?.Dispose();
            _cache.Dispose();
            throw;
        }
    }

    public override long Length => _cache.Length;

    public override Tensor Logits => _logits;

    public override void Advance(Tensor ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.dim() != 1 || ids.shape[0] != Rows || ids.dtype != ScalarType.Int64)
            throw new ArgumentException($"Ids must be int64 [{Rows}], found {ids.dtype} [{string.Join(", ", ids.shape)}].", nameof(ids));
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        if (_mask is { } mask)
            _mask = Replaced(mask, cat([mask, ones(Rows, 1, mask.dtype, mask.device)], 1));
        _logits = Replaced(_logits, Run(ids.unsqueeze(1)));
    }

    public override void SelectRows(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var guard = no_grad();
        _cache.SelectRows(rows);
        if (_mask is { } mask)
            _mask = Replaced(mask, mask.index_select(0, rows));
        _logits = Replaced(_logits, _logits.index_select(0, rows));
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _cache.Dispose();
        _mask?.Dispose();
        _logits.Dispose();
    }

    // [rows, new] → [rows, vocabulary]
    private Tensor Run(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var hidden = _model.Backbone.forward(new(ids, _mask) { Cache = _cache }, precision: _precision).LastHiddenState;
        return _model.Head.Logits(hidden.select(1, -1), _precision).MoveToOuterDisposeScope();
    }

    private static Tensor Replaced(Tensor old, Tensor now)
    {
        old.Dispose();
        return now.DetachFromDisposeScope();
    }

    private static void CheckPrompt(ModelInputs prompt)
    {
        if (prompt.Ids.dim() == 2 && prompt.Ids.shape[1] == 0)
            throw new ArgumentException("A prompt must have a token at least: expected ids [batch, 1 or more], found none. Begin with the "
                + "token that texts begin or end with.", nameof(prompt));
        if (prompt.PositionIds is not null || prompt.Cache is not null)
            throw new ArgumentException(
                "Positions and the cache of a prompt are the model's own: expected ids and a mask.", nameof(prompt));
        if (prompt.AttentionMask is { } mask && mask.shape.SequenceEqual(prompt.Ids.shape)
            && mask.select(1, -1).IsEqualTo(0).any().cpu().item<bool>())
            throw new ArgumentException("Prompts of unequal length must be padded on the left, so that each ends in its last position: "
                + "found an attention mask of 0 there.", nameof(prompt));
    }
}
