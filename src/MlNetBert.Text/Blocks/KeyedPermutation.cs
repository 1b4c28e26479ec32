using System.Numerics;
using System.Runtime.InteropServices;
using MlNetBert.Text.Randomness;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// An order of the numbers from 0 to a count, one of its own per seed and epoch, computed place by place: no list of indexes is held.
/// A Feistel network over the next power of four, walked until it leads back below the count (Black and Rogaway, «Ciphers with arbitrary
/// finite domains», 2002).
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct KeyedPermutation : IEquatable<KeyedPermutation>
{
    private const int Rounds = 8;
    private const int Stream = 3; // RandomStreams.Order of the training
    private readonly ulong _key;
    private readonly int _halfBits;

    /// <summary>Chooses an order.</summary>
    /// <param name="count">How many numbers there are; at least 0.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0: each has an order of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public KeyedPermutation(long count, long seed, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
        int bits = count <= 1 ? 0 : 64 - BitOperations.LeadingZeroCount((ulong)(count - 1));
        _halfBits = Math.Max(1, (bits + 1) / 2);
        _key = new PhiloxStream(seed, Stream, epoch).UInt64(0, 0);
    }

    /// <summary>How many numbers there are.</summary>
    public long Count { get; }

    /// <summary>The number at a place of the order.</summary>
    /// <param name="place">The place, from 0 to the count.</param>
    /// <returns>A number from 0 to the count; each place has another.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
            ulong value = (ulong)place;
            do
            {
                value = Encrypt(value);
            }
            while (value >= (ulong)Count);
            return (long)value;
        }
    }

    /// <summary>Whether two orders are the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they are.</returns>
    public static bool operator ==(KeyedPermutation left, KeyedPermutation right) => left.Equals(right);

    /// <summary>Whether two orders differ.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they do.</returns>
    public static bool operator !=(KeyedPermutation left, KeyedPermutation right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(KeyedPermutation other) => _key == other._key && Count == other.Count;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KeyedPermutation other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_key, Count);

    private ulong Encrypt(ulong value)
    {
        ulong mask = (1UL << _halfBits) - 1;
        ulong left = value >> _halfBits;
        ulong right = value & mask;
        for (int round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ (Mix(right + (_key * (2 * (ulong)round + 1))) & mask));
        return (left << _halfBits) | right;
    }

    /// <summary>Spreads every bit over all (the finalizer of SplitMix64).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
