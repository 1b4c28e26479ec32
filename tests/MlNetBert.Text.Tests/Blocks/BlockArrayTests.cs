using CsCheck;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Text.Tests.Blocks;

public sealed class BlockArrayTests
{
    [Fact]
    public void Read_WhatWasAdded_ComesBack() =>
        Gen.Select(Gen.Int[1, 300_000], Gen.Int[2, 200_000]).SelectMany((length, vocabulary) =>
                Gen.Int[0, vocabulary - 1].Array[4].Select(ids => (length, vocabulary, ids)))
            .Sample(
                sample =>
                {
                    var blocks = new BlockArray(sample.length, sample.vocabulary);
                    for (int i = 0; i < sample.ids.Length; i++)
                        blocks.Add(Enumerable.Repeat(sample.ids[i], sample.length).ToArray());
                    var read = new int[sample.length];
                    for (int i = 0; i < sample.ids.Length; i++)
                    {
                        Assert.Equal(sample.length, blocks.Read(i, read));
                        Assert.True(read.AsSpan().IndexOfAnyExcept(sample.ids[i]) < 0);
                    }
                },
                iter: 20);

    [Fact]
    public void Fingerprint_OtherLengths_IsAnother()
    {
        static string Of(params int[][] blocks)
        {
            var array = new BlockArray(4, 100);
            foreach (int[] block in blocks)
                array.Add(block);
            return array.Fingerprint;
        }

        string[] fingerprints = [Of([2, 5, 0, 0]), Of([2, 5, 0]), Of([2, 5]), Of([2, 5], [0]), Of([2, 5], []), Of([2, 5, 0], [0])];
        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
    }

    [Fact]
    public void Add_WrongBlock_IsRefused()
    {
        var blocks = new BlockArray(2, 10);
        Assert.Throws<ArgumentException>(() => blocks.Add([1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Add([1], document: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BlockArray(2, 10, filler: 10));
        Assert.Throws<ArgumentException>(() => blocks.Add([1, 10]));
        Assert.Throws<ArgumentException>(() => blocks.Add([1, -1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.Read(0, new int[2]));
        blocks.Add([1, 2]);
        Assert.Throws<ArgumentException>(() => blocks.Read(0, new int[3]));
    }
}
