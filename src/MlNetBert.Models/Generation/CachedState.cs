using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>Texts whose earlier positions are in a cache.</summary>
internal abstract class CachedState : GenerationState
{
    private Tensor? _logits;

    /// <summary>Makes the base of a state.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="cache">The cache, empty; taken over.</param>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    protected CachedState(LanguageModelModule model, KeyValueCache cache)
    {
        Cache = cache;
        if (!model.training)
            return;
        cache.Dispose();
        throw new InvalidOperationException($"{model.ClassName} is in training mode, where dropout disturbs it: call eval() first.");
    }

    public override long Length => Cache.Length;

    public override Tensor Logits => _logits!;

    protected KeyValueCache Cache { get; }

    public override void Advance(Tensor ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.dim() != 1 || ids.shape[0] != Rows || ids.dtype != ScalarType.Int64)
            throw new ArgumentException($"Ids must be int64 [{Rows}], found {ids.dtype} [{string.Join(", ", ids.shape)}].", nameof(ids));
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        OnAdvance();
        SetLogits(Run(ids.unsqueeze(1)));
    }

    public override void SelectRows(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var guard = no_grad();
        Cache.SelectRows(rows);
        OnSelectRows(rows);
        SetLogits(Logits.index_select(0, rows));
    }

    /// <summary>Reads the first positions; what was kept is freed where that fails.</summary>
    protected void Begin(Func<Tensor> ids)
    {
        using var guard = no_grad();
        try
        {
            using var scope = NewDisposeScope();
            SetLogits(Run(ids()));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Computes the scores behind further positions: [rows, new] → [rows, vocabulary].</summary>
    protected abstract Tensor Run(Tensor ids);

    /// <summary>A token is appended to each row.</summary>
    protected virtual void OnAdvance()
    {
    }

    /// <summary>Rows are replaced.</summary>
    protected abstract void OnSelectRows(Tensor rows);

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Cache.Dispose();
        _logits?.Dispose();
    }

    /// <summary>Frees a tensor that another follows.</summary>
    protected static Tensor Replaced(Tensor? old, Tensor now)
    {
        old?.Dispose();
        return now.DetachFromDisposeScope();
    }

    private void SetLogits(Tensor logits) => _logits = Replaced(_logits, logits);
}
