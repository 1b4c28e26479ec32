namespace MlNetBert.Text.Blocks;

/// <summary>
/// Estimates how many documents repeat an earlier one, in bounded memory: it counts those whose hash is below a bound, and halves the bound
/// whenever there are too many. A document and its repetitions are in or out together.
/// </summary>
internal sealed class RepetitionSampler(int capacity = 1 << 17)
{
    private readonly Dictionary<ulong, long> _counts = [];
    private ulong _bound = ulong.MaxValue;

    public double DuplicateFraction
    {
        get
        {
            long total = _counts.Values.Sum();
            return total == 0 ? 0 : (double)(total - _counts.Count) / total;
        }
    }

    public void Add(ulong hash)
    {
        if (hash > _bound)
            return;
        _counts[hash] = _counts.GetValueOrDefault(hash) + 1;
        if (_counts.Count <= capacity)
            return;
        _bound >>= 1;
        foreach (ulong above in _counts.Keys.Where(key => key > _bound).ToArray())
            _counts.Remove(above);
    }
}
