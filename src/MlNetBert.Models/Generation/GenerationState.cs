using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>
/// A batch of texts while they grow, with what their model keeps of them. Whoever started it disposes of it; not thread-safe.
/// </summary>
[Experimental("MLNETBERT001")]
public abstract class GenerationState : IDisposable
{
    /// <summary>How many rows there are.</summary>
    public long Rows => Logits.shape[0];

    /// <summary>How many positions a row has, padding included.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Scores of each row's next token [rows, vocabulary], float32. The state owns them: <see cref="Advance"/> and
    /// <see cref="SelectRows"/> replace them.
    /// </summary>
    public abstract Tensor Logits { get; }

    /// <summary>Appends a token to each row and computes <see cref="Logits"/> of the one behind it.</summary>
    /// <param name="ids">The tokens, int64 [rows].</param>
    /// <exception cref="ArgumentException">There are more or fewer ids than rows, or the model has no position left.</exception>
    public abstract void Advance(Tensor ids);

    /// <summary>Replaces the rows: several beams of one prompt, beams that follow another, rows that have ended.</summary>
    /// <param name="rows">The numbers of the rows to keep, in their new order, int64 [new rows]; a row may be taken several times.</param>
    public abstract void SelectRows(Tensor rows);

    /// <summary>Frees what is kept.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what is kept.</summary>
    /// <param name="disposing">True where <see cref="Dispose()"/> was called.</param>
    protected abstract void Dispose(bool disposing);
}
