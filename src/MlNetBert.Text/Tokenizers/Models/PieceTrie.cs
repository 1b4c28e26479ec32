using System.Numerics;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>Pieces by their UTF-16 units, so that all that begin in one place of a text are found in one walk.</summary>
internal sealed class PieceTrie
{
    /// <summary>The value of a node that is no piece's end.</summary>
    public const int None = -1;

    /// <summary>The node that every walk begins with.</summary>
    public const int Root = 0;

    // Open addressing; a key is one more than the parent with the unit, so that 0 is free.
    private readonly ulong[] _keys;
    private readonly int[] _children;
    private readonly int _shift;
    private readonly int[] _values;
    private int _count = 1;

    /// <summary>Builds it.</summary>
    /// <param name="pieces">The pieces with their values; of equal ones the last counts, and an empty one is never found.</param>
    public PieceTrie(IReadOnlyCollection<KeyValuePair<string, int>> pieces)
    {
        int most = 1 + pieces.Sum(piece => piece.Key.Length);
        int bits = BitOperations.Log2((uint)most) + 2;
        _keys = new ulong[1 << bits];
        _children = new int[1 << bits];
        _shift = 64 - bits;
        _values = new int[most];
        Array.Fill(_values, None);
        foreach ((string piece, int value) in pieces)
        {
            int node = Root;
            foreach (char unit in piece)
                node = StepOrAdd(node, unit);
            if (node != Root)
                _values[node] = value;
        }
    }

    /// <summary>How many nodes there are, the root among them; they are numbered from 0.</summary>
    public int Count => _count;

    /// <summary>The value of the piece that ends in a node, or <see cref="None"/>.</summary>
    public int ValueOf(int node) => _values[node];

    /// <summary>Goes one unit further.</summary>
    /// <param name="node">Where the walk is; then where it is.</param>
    /// <param name="unit">The unit.</param>
    /// <returns>Whether a piece continues so.</returns>
    public bool TryStep(ref int node, char unit)
    {
        ulong key = KeyOf(node, unit);
        for (int slot = SlotOf(key); _keys[slot] != 0; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] != key)
                continue;
            node = _children[slot];
            return true;
        }

        return false;
    }

    /// <summary>The value of a text that is a piece as a whole, or <see cref="None"/>.</summary>
    public int Find(ReadOnlySpan<char> text)
    {
        int node = Root;
        foreach (char unit in text)
        {
            if (!TryStep(ref node, unit))
                return None;
        }

        return _values[node];
    }

    private static ulong KeyOf(int node, char unit) => (((ulong)(uint)node << 16) | unit) + 1;

    private int SlotOf(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);

    private int StepOrAdd(int node, char unit)
    {
        if (TryStep(ref node, unit))
            return node;
        ulong key = KeyOf(node, unit);
        int slot = SlotOf(key);
        while (_keys[slot] != 0)
            slot = (slot + 1) & (_keys.Length - 1);
        _keys[slot] = key;
        _children[slot] = _count;
        return _count++;
    }
}
