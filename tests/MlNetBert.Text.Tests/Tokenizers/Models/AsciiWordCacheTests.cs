using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Models;

public sealed class AsciiWordCacheTests
{
    [Fact]
    public void TryGet_WordsThatWereSet_GivesTheirPiecesOrNone()
    {
        var cache = new AsciiWordCache();
        const int count = 200_000;
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            Assert.False(cache.TryGet(Word(i), out _));
            cache.Set(Word(i), Pieces(i));
            Assert.True(cache.TryGet(Word(i), out PackedPieces pieces), "the word that was set last");
            AssertPieces(i, pieces);
        }

        for (int i = 0; i < count; i++)
        {
            if (!cache.TryGet(Word(i), out PackedPieces pieces))
                continue;
            found++;
            AssertPieces(i, pieces);
        }

        Assert.InRange(found, 30_000, AsciiWordCache.Capacity);
    }

    [Fact]
    public void TryGet_ThreadsThatWriteTheSameEntries_GivesNoMixture()
    {
        var cache = new AsciiWordCache();
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            for (int i = 0; i < 300_000; i++)
            {
                int number = (int)(((i * 2654435761L) + thread) % 100_000);
                if (cache.TryGet(Word(number), out PackedPieces pieces))
                    AssertPieces(number, pieces);
                else
                    cache.Set(Word(number), Pieces(number));
            }
        });
    }

    [Fact]
    public void TryPack_PiecesWithoutRoom_GivesFalse()
    {
        Assert.True(PackedPieces.TryPack([.. Enumerable.Repeat(new Subword((1 << 28) - 1, 15), PackedPieces.Most)], out PackedPieces most));
        Assert.Equal(((1 << 28) - 1, 15), (PackedPieces.IdOf(most[10]), PackedPieces.LengthOf(most[10])));
        Assert.False(PackedPieces.TryPack([], out _));
        Assert.False(PackedPieces.TryPack([.. Enumerable.Repeat(new Subword(1, 1), PackedPieces.Most + 1)], out _));
        Assert.False(PackedPieces.TryPack([new Subword(1, 0)], out _));
        Assert.False(PackedPieces.TryPack([new Subword(1, 16)], out _));
        Assert.False(PackedPieces.TryPack([new Subword(1 << 28, 1)], out _));
    }

    private static AsciiWord Word(int number)
    {
        char[] characters = $"{number:00000000}word....".ToCharArray();
        return new AsciiWord(AsciiWord.Load(ref characters[0]), 12);
    }

    private static PackedPieces Pieces(int number)
    {
        Assert.True(PackedPieces.TryPack(
            [new Subword(number, 4), new Subword(number + 1, 4), new Subword(number + 2, 4)], out PackedPieces pieces));
        return pieces;
    }

    private static void AssertPieces(int number, in PackedPieces pieces)
    {
        for (int i = 0; i < 3; i++)
            Assert.Equal((number + i, 4), (PackedPieces.IdOf(pieces[i]), PackedPieces.LengthOf(pieces[i])));
        Assert.Equal(0u, pieces[3]);
    }
}
