using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>A set of code points, surrogates not among them. Sets of the same code points are equal.</summary>
internal sealed class CodePointSet : IEquatable<CodePointSet>
{
    public const int Count = 0x110000;

    private static readonly Lazy<UnicodeCategory[]> Categories =
        new(() => [.. Enumerable.Range(0, Count).Select(CharUnicodeInfo.GetUnicodeCategory)]);

    /// <summary>The characters that differ in case alone, those without another case left out.</summary>
    private static readonly Lazy<int[][]> Cases =
        new(() => [.. Enumerable.Range(0, Count).GroupBy(Fold).Where(cases => cases.Skip(1).Any()).Select(cases => cases.ToArray())]);

    private readonly ulong[] _bits;

    private CodePointSet(ulong[] bits) => _bits = bits;

    /// <summary>The set of nothing.</summary>
    public static CodePointSet Empty => new(new ulong[Count / 64]);

    /// <summary>The code points that are one by number and category.</summary>
    public static CodePointSet Where(Func<int, UnicodeCategory, bool> isOne)
    {
        var set = Empty;
        UnicodeCategory[] categories = Categories.Value;
        for (int codePoint = 0; codePoint < Count; codePoint++)
        {
            if (categories[codePoint] != UnicodeCategory.Surrogate && isOne(codePoint, categories[codePoint]))
                set._bits[codePoint >> 6] |= 1UL << codePoint;
        }

        return set;
    }

    /// <summary>The code points from one to another, both among them.</summary>
    public static CodePointSet OfRange(int first, int last) => Empty.With(first, last);

    /// <summary>Whether a code point is in it.</summary>
    public bool Contains(int codePoint) => (_bits[codePoint >> 6] & (1UL << codePoint)) != 0;

    /// <summary>All others.</summary>
    public CodePointSet Complement() => Combine(this, (bits, _) => ~bits);

    /// <summary>What is in both.</summary>
    public CodePointSet Intersect(CodePointSet other) => Combine(other, (bits, others) => bits & others);

    /// <summary>What is in either.</summary>
    public CodePointSet Union(CodePointSet other) => Combine(other, (bits, others) => bits | others);

    /// <summary>The set with what differs from its members in case alone.</summary>
    public CodePointSet WithOtherCases()
    {
        var set = new CodePointSet([.. _bits]);
        foreach (int[] cases in Cases.Value)
        {
            if (!Array.Exists(cases, Contains))
                continue;
            foreach (int codePoint in cases)
                set.With(codePoint, codePoint);
        }

        return set;
    }

    public bool Equals(CodePointSet? other) => other is not null && _bits.AsSpan().SequenceEqual(other._bits);

    public override bool Equals(object? obj) => Equals(obj as CodePointSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(_bits.AsSpan()));
        return hash.ToHashCode();
    }

    /// <summary>Its part of the basic plane as ranges, the first first.</summary>
    public IEnumerable<(int First, int Last)> BasicRanges()
    {
        for (int codePoint = 0; codePoint <= 0xFFFF; codePoint++)
        {
            if (!Contains(codePoint))
                continue;
            int first = codePoint;
            while (codePoint < 0xFFFF && Contains(codePoint + 1))
                codePoint++;
            yield return (first, codePoint);
        }
    }

    private static int Fold(int codePoint) => codePoint switch
    {
        0x17F => 's', // the long s, which .NET's casing keeps apart from ASCII
        >= 0xD800 and <= 0xDFFF => codePoint,
        _ => Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(codePoint))).Value,
    };

    private CodePointSet With(int first, int last)
    {
        for (int codePoint = first; codePoint <= last; codePoint++)
            _bits[codePoint >> 6] |= 1UL << codePoint;
        return this;
    }

    private CodePointSet Combine(CodePointSet other, Func<ulong, ulong, ulong> combine)
    {
        CodePointSet set = Empty;
        for (int i = 0; i < _bits.Length; i++)
            set._bits[i] = combine(_bits[i], other._bits[i]);
        return set;
    }
}
