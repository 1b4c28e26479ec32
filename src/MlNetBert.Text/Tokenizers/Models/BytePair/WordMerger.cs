namespace MlNetBert.Text.Tokenizers.Models.BytePair;

/// <summary>
/// Merges the pieces of a word, the earliest merge first and of equal ones the leftmost; in time n log n of the word's length n. Used by
/// one thread.
/// </summary>
internal sealed class WordMerger
{
    private const int Removed = -1;
    private readonly List<int> _ids = [];
    private readonly List<int> _lengths = [];
    private readonly PriorityQueue<int, long> _queue = new();
    private int[] _previous = [];
    private int[] _next = [];

    /// <summary>Forgets the word before.</summary>
    public void Clear()
    {
        _ids.Clear();
        _lengths.Clear();
    }

    /// <summary>Adds a piece to the word.</summary>
    /// <param name="id">The piece.</param>
    /// <param name="length">How many UTF-16 units of the word it stands for.</param>
    public void Add(int id, int length)
    {
        _ids.Add(id);
        _lengths.Add(length);
    }

    /// <summary>Merges what can be merged.</summary>
    /// <param name="merges">The merges.</param>
    /// <param name="pieces">Takes the pieces.</param>
    public void Merge(MergeTable merges, List<Subword> pieces)
    {
        int count = _ids.Count;
        if (_previous.Length < count)
            (_previous, _next) = (new int[count * 2], new int[count * 2]);
        for (int i = 0; i < count; i++)
        {
            (_previous[i], _next[i]) = (i - 1, i + 1);
            if (i + 1 < count)
                Enqueue(merges, i, i + 1);
        }

        while (_queue.TryDequeue(out int merged, out long priority))
        {
            int left = (int)priority;
            if (_ids[left] == Removed || _next[left] >= count)
                continue;
            int right = _next[left];
            if (!merges.TryGet(_ids[left], _ids[right], out MergeTable.Merge merge) || merge.Id != merged)
                continue; // one of the two was merged with another since
            _ids[left] = merged;
            _lengths[left] += _lengths[right];
            _ids[right] = Removed;
            _next[left] = _next[right];
            if (_next[left] < count)
            {
                _previous[_next[left]] = left;
                Enqueue(merges, left, _next[left]);
            }

            if (_previous[left] >= 0)
                Enqueue(merges, _previous[left], left);
        }

        for (int i = 0; i < count; i = _next[i])
            pieces.Add(new Subword(_ids[i], _lengths[i]));
    }

    private void Enqueue(MergeTable merges, int left, int right)
    {
        if (merges.TryGet(_ids[left], _ids[right], out MergeTable.Merge merge))
            _queue.Enqueue(merge.Id, ((long)merge.Rank << 32) | (uint)left);
    }
}
