using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// What is added to attention's scores [batch, heads, sequence, sequence]: numbers for each text, for each query of all texts, or both.
/// </summary>
internal readonly struct ScoreMask
{
    private readonly nint _first;
    private readonly long _heads;
    private readonly long _sequence;
    private readonly long _textStride;
    private readonly long _queryStride;

    /// <summary>Takes a mask where it lies, which must live as long as it is used; null adds nothing.</summary>
    /// <param name="mask">[batch or 1, 1, sequence or 1, sequence], contiguous.</param>
    /// <param name="heads">Heads of the scores.</param>
    /// <param name="sequence">Queries of a text.</param>
    public ScoreMask(Tensor? mask, long heads, long sequence)
    {
        (_heads, _sequence) = (heads, sequence);
        if (mask is null)
            return;
        _first = KernelArgument.AddressOf(mask);
        _queryStride = mask.shape[2] == 1 ? 0 : mask.shape[3];
        _textStride = mask.shape[0] == 1 ? 0 : mask.shape[2] * mask.shape[3];
    }

    /// <summary>Where the numbers for a row of the scores lie; 0 for none.</summary>
    /// <param name="row">The row: a query of a head of a text.</param>
    /// <param name="size">Bytes of a number.</param>
    public nint AddressOf(long row, int size) =>
        _first == 0 ? 0 : _first + (nint)(((row / (_heads * _sequence) * _textStride) + (row % _sequence * _queryStride)) * size);
}
