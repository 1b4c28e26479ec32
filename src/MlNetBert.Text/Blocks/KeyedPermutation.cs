using MlNetBert.Text.Randomness;

namespace MlNetBert.Text.Blocks;

/// <summary>
/// An order of the numbers 0 … n − 1 that follows from (seed, epoch) alone: a Feistel network over the next even number of bits, walked until it lands inside. No list
/// is kept, so an order of any size costs no memory, and any place in it is found at once.
/// </summary>
public sealed class KeyedPermutation
{
    private const int Stream = 3;
    private const int Rounds = 4;

    private readonly PhiloxStream _random;
    private readonly int _halfBits;

    /// <summary>Makes an order.</summary>
    /// <param name="count">How many numbers, at least 1.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">The epoch: each has an order of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public KeyedPermutation(long count, long seed, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        _random = new PhiloxStream(seed, Stream, epoch);
        _halfBits = Math.Max(1, (65 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(count - 1))) / 2);
    }

    /// <summary>How many numbers.</summary>
    public long Count { get; }

    /// <summary>The number at a place of the order.</summary>
    /// <param name="place">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
            var value = (ulong)place;
            do
                value = Encrypt(value);
            while (value >= (ulong)Count);
            return (long)value;
        }
    }

    private ulong Encrypt(ulong value)
    {
        var mask = (1UL << _halfBits) - 1;
        var (left, right) = (value >> _halfBits, value & mask);
        for (var round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ (_random.UInt64((long)right, round) & mask));
        return (left << _halfBits) | right;
    }
}
