using MlNetBert.Text.Blocks;

namespace MlNetBert.Blocks;

/// <summary>
/// Part of a source: every so-many-th block is held out for evaluation, the others are trained on. Which ones follows from the numbers
/// alone, so nothing is listed.
/// </summary>
internal sealed class HeldOutBlocks : IBlockSource
{
    private readonly IBlockSource _source;
    private readonly long _heldOut;
    private readonly bool _evaluation;

    private HeldOutBlocks(IBlockSource source, long heldOut, bool evaluation)
    {
        _source = source;
        _heldOut = heldOut;
        _evaluation = evaluation;
    }

    public long Count => _evaluation ? _heldOut : _source.Count - _heldOut;

    public int BlockLength => _source.BlockLength;

    public string Fingerprint =>
        FormattableString.Invariant($"{_source.Fingerprint}, {(_evaluation ? "" : "all but ")}{_heldOut} held out");

    /// <summary>Splits a source of at least two blocks; each part gets at least one.</summary>
    public static (IBlockSource Training, IBlockSource Evaluation) Split(IBlockSource source, double share)
    {
        var heldOut = Math.Clamp((long)Math.Round(source.Count * share, MidpointRounding.AwayFromZero), 1, source.Count - 1);
        return (new HeldOutBlocks(source, heldOut, evaluation: false), new HeldOutBlocks(source, heldOut, evaluation: true));
    }

    public int Read(long index, Span<int> ids)
    {
        BlockSpans.Check(this, index, ids);
        return _source.Read(Place(index), ids);
    }

    public long? DocumentOf(long index)
    {
        BlockSpans.Check(this, index);
        return _source.DocumentOf(Place(index));
    }

    public bool BeginsDocument(long index)
    {
        BlockSpans.Check(this, index);
        return _source.BeginsDocument(Place(index));
    }

    /// <summary>Where a block of this part lies in the source.</summary>
    private long Place(long index) => _evaluation ? Position(index) : Training(index);

    /// <summary>Where the n-th held-out block lies: spread evenly, at the end of each stretch.</summary>
    private long Position(long n) => (long)((Int128)(n + 1) * _source.Count / _heldOut) - 1;

    /// <summary>Where the n-th training block lies: n plus the held-out blocks before it, found by halving.</summary>
    private long Training(long n)
    {
        long low = 0, high = _heldOut;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (Position(middle) - middle <= n)
                low = middle + 1;
            else
                high = middle;
        }

        return n + low;
    }
}
