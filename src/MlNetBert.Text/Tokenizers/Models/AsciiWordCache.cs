using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>
/// The pieces of ASCII words, a cache line each, without references. Bounded and lossy; many threads read and write without locks: an entry
/// has a stamp that is odd while it is written, and what was read counts only if the stamp is even and the same before and after (Lameter's
/// sequence lock).
/// </summary>
internal sealed class AsciiWordCache
{
    /// <summary>The most words that are kept: 2 MB, as much as fits a core's own cache.</summary>
    public const int Capacity = 1 << 15;

    private const int Ways = 2; // of its entries are a word's
    private readonly Entry[] _entries = new Entry[Capacity];

    /// <summary>Looks a word up.</summary>
    /// <param name="word">The word.</param>
    /// <param name="pieces">Its pieces.</param>
    /// <returns>Whether it is there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(AsciiWord word, out PackedPieces pieces)
    {
        ref Entry first = ref SetOf(word);
        return first.TryRead(word.Characters, out pieces) || Unsafe.Add(ref first, 1).TryRead(word.Characters, out pieces);
    }

    /// <summary>Keeps a word, in place of an entry of its set; nothing where another thread writes there.</summary>
    /// <param name="word">The word.</param>
    /// <param name="pieces">Its pieces.</param>
    public void Set(AsciiWord word, in PackedPieces pieces)
    {
        ref Entry first = ref SetOf(word);
        ref Entry second = ref Unsafe.Add(ref first, 1);
        if (first.IsOlderThan(ref second))
            first.Write(word.Characters, pieces);
        else
            second.Write(word.Characters, pieces);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry SetOf(AsciiWord word)
    {
        Vector128<ulong> halves = word.Characters.AsUInt64();
        ulong high = Math.BigMul(halves.ToScalar() ^ 0x9E3779B97F4A7C15, halves.GetElement(1) ^ 0xC2B2AE3D27D4EB4F, out ulong low);
        nuint set = (nuint)((high ^ low) & ((Capacity / Ways) - 1));
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), Ways * set);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        private Vector128<byte> _word;
        private PackedPieces _pieces;
        private int _stamp;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryRead(Vector128<byte> word, out PackedPieces pieces)
        {
            int stamp = Volatile.Read(ref _stamp);
            bool isFound = _word == word;
            pieces = _pieces;
            Volatile.ReadBarrier();
            return isFound && stamp == _stamp && (stamp & 1) == 0;
        }

        public void Write(Vector128<byte> word, in PackedPieces pieces)
        {
            int stamp = Volatile.Read(ref _stamp);
            if ((stamp & 1) != 0 || Interlocked.CompareExchange(ref _stamp, stamp + 1, stamp) != stamp)
                return;
            _word = word;
            _pieces = pieces;
            Volatile.Write(ref _stamp, stamp + 2);
        }

        /// <summary>Whether it was written less often: entries of a set are replaced in turn.</summary>
        public bool IsOlderThan(ref Entry other) => Volatile.Read(ref _stamp) - Volatile.Read(ref other._stamp) <= 0;
    }
}
