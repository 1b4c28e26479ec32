using MlNetBert.Text.Blocks;

namespace MlNetBert.Tests.Common;

/// <summary>What every block source keeps to; a class for each implementation inherits these tests.</summary>
public abstract class BlockSourceConformanceTests
{
    private const int Untouched = -7;

    /// <summary>A source of at least two blocks; the same blocks at every call.</summary>
    protected abstract IBlockSource Create();

    /// <summary>A source whose blocks differ from those of <see cref="Create"/> in a token or a length.</summary>
    protected abstract IBlockSource CreateOther();

    /// <summary>The blocks of <see cref="Create"/>; null where they are of chance.</summary>
    protected virtual IReadOnlyList<(int[] Tokens, long? Document)>? Expected => null;

    [Fact]
    public void Read_EveryBlock_GivesItsTokensAndLeavesTheRest() => With(Create(), source =>
    {
        Assert.True(source.Count >= 2);
        var ids = new int[source.BlockLength];
        for (long index = 0; index < source.Count; index++)
        {
            Array.Fill(ids, Untouched);
            int length = source.Read(index, ids);
            Assert.InRange(length, 0, source.BlockLength);
            Assert.All(ids[..length], id => Assert.True(id >= 0));
            Assert.All(ids[length..], id => Assert.Equal(Untouched, id));
            if (Expected is { } expected)
                Assert.Equal(expected[(int)index].Tokens, ids[..length]);
        }

        Assert.Equal(Expected?.Count ?? source.Count, source.Count);
    });

    [Fact]
    public void DocumentOf_EveryBlock_IsItsDocument() => With(Create(), source =>
    {
        for (long index = 0; index < source.Count; index++)
        {
            long? document = source.DocumentOf(index);
            Assert.True(document is null or >= 0);
            if (Expected is { } expected)
                Assert.Equal(expected[(int)index].Document, document);
        }
    });

    [Fact]
    public void BeginsDocument_EveryBlock_IsOfADocumentThatTheBlockBeforeIsNotOf() => With(Create(), source =>
    {
        long? before = null;
        for (long index = 0; index < source.Count; index++)
        {
            var document = source.DocumentOf(index);
            Assert.Equal(document is not null && document != before, source.BeginsDocument(index));
            before = document;
        }
    });

    [Fact]
    public void Read_FromSeveralThreads_GivesTheSame() => With(Create(), source =>
    {
        string[] alone = [.. Enumerable.Range(0, (int)source.Count).Select(index => Text(source, index))];
        Parallel.For(0, 400, turn => Assert.Equal(alone[turn * 7 % alone.Length], Text(source, turn * 7 % alone.Length)));
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Read_NoSuchBlock_IsRefused(long index) => With(Create(), source =>
    {
        foreach (long outside in (long[])[index, source.Count])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(outside, new int[source.BlockLength]));
            Assert.Throws<ArgumentOutOfRangeException>(() => source.DocumentOf(outside));
        }
    });

    [Fact]
    public void Read_SpanOfAnotherLength_IsRefused() => With(Create(), source =>
    {
        Assert.Throws<ArgumentException>(() => source.Read(0, new int[source.BlockLength - 1]));
        Assert.Throws<ArgumentException>(() => source.Read(0, new int[source.BlockLength + 1]));
    });

    [Fact]
    public void Fingerprint_SameOrOtherBlocks_IsTheSameOrAnother() => With(Create(), source =>
    {
        Assert.NotEmpty(source.Fingerprint);
        With(Create(), same => Assert.Equal(source.Fingerprint, same.Fingerprint));
        With(CreateOther(), other => Assert.NotEqual(source.Fingerprint, other.Fingerprint));
    });

    private static void With(IBlockSource source, Action<IBlockSource> test)
    {
        using var disposed = source as IDisposable;
        test(source);
    }

    private static string Text(IBlockSource source, long index)
    {
        var ids = new int[source.BlockLength];
        int length = source.Read(index, ids);
        return $"{source.DocumentOf(index)}: {string.Join(' ', ids[..length])}";
    }
}
