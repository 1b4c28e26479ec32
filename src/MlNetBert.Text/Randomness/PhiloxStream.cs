using System.Runtime.InteropServices;

namespace MlNetBert.Text.Randomness;

/// <summary>
/// Random numbers that are a pure function of (seed, stream, epoch, block, position): nothing is kept, so nothing need be saved, and the
/// numbers depend neither on the batch size nor on the order in which they are asked for.
/// </summary>
/// <remarks>
/// The key is the seed, hashed with the stream and the epoch; the counter is (block, position). Different uses take different streams.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly struct PhiloxStream : IEquatable<PhiloxStream>
{
    private readonly uint _key0;
    private readonly uint _key1;

    /// <summary>Chooses the numbers of a seed, a stream and an epoch.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">What the numbers are for: a number of one's own per use (masks, order, dropout, …).</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public PhiloxStream(long seed, int stream, long epoch)
    {
        // One more Philox call makes a key of its own for each (stream, epoch): sums or exclusive ors would make some of them meet.
        (_key0, _key1, _, _) =
            Philox.Generate((uint)seed, (uint)((ulong)seed >> 32), (uint)epoch, (uint)((ulong)epoch >> 32), (uint)stream, 0x4D4C4E42);
    }

    /// <summary>Whether two streams give the same numbers.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether their keys are equal.</returns>
    public static bool operator ==(PhiloxStream left, PhiloxStream right) => left.Equals(right);

    /// <summary>Whether two streams give different numbers.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether their keys differ.</returns>
    public static bool operator !=(PhiloxStream left, PhiloxStream right) => !left.Equals(right);

    /// <summary>Four independent random words of a position.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <param name="position">The position in the block, from 0.</param>
    /// <returns>Four words, each uniform over all 32-bit numbers.</returns>
    public (uint X0, uint X1, uint X2, uint X3) Words(long block, long position) =>
        Philox.Generate(_key0, _key1, (uint)block, (uint)((ulong)block >> 32), (uint)position, (uint)((ulong)position >> 32));

    /// <summary>A random word: the first of <see cref="Words"/>.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <param name="position">The position in the block, from 0.</param>
    /// <returns>A number uniform over all 32-bit numbers.</returns>
    public uint UInt32(long block, long position) => Words(block, position).X0;

    /// <summary>A random 64-bit number, of the first two <see cref="Words"/>; a seed for another generator.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <param name="position">The position in the block, from 0.</param>
    /// <returns>A number uniform over all 64-bit numbers.</returns>
    public ulong UInt64(long block, long position)
    {
        (uint low, uint high, _, _) = Words(block, position);
        return ((ulong)high << 32) | low;
    }

    /// <summary>A random fraction.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <param name="position">The position in the block, from 0.</param>
    /// <returns>A number from 0 (included) to 1 (excluded), a multiple of 2⁻²⁴.</returns>
    public float Single(long block, long position) => ToSingle(UInt32(block, position));

    /// <summary>A random number below a bound.</summary>
    /// <param name="block">The block, from 0.</param>
    /// <param name="position">The position in the block, from 0.</param>
    /// <param name="bound">The bound, at least 1.</param>
    /// <returns>A number from 0 (included) to the bound (excluded).</returns>
    public int Bounded(long block, long position, int bound) => ToBounded(UInt32(block, position), bound);

    /// <summary>Makes a fraction of a random word.</summary>
    /// <param name="word">The word.</param>
    /// <returns>A number from 0 (included) to 1 (excluded), a multiple of 2⁻²⁴.</returns>
    public static float ToSingle(uint word) => (word >> 8) * (1f / (1 << 24));

    /// <summary>Makes a number below a bound of a random word, by multiplication; its bias is below bound · 2⁻³².</summary>
    /// <param name="word">The word.</param>
    /// <param name="bound">The bound, at least 1.</param>
    /// <returns>A number from 0 (included) to the bound (excluded).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The bound is less than 1.</exception>
    public static int ToBounded(uint word, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)(((ulong)word * (uint)bound) >> 32);
    }

    /// <inheritdoc/>
    public bool Equals(PhiloxStream other) => _key0 == other._key0 && _key1 == other._key1;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PhiloxStream other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_key0, _key1);
}
