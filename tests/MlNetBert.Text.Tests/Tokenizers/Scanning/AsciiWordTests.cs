using System.Runtime.Intrinsics;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Scanning;

public sealed class AsciiWordTests
{
    [Fact]
    public void In_EachCharacterAtEachPlace_IsFoundWhereTheSetHasIt()
    {
        var vowels = new AsciiSet(c => "aeiou\0\x7F".Contains(c, StringComparison.Ordinal));
        for (int c = 0; c <= char.MaxValue; c++)
        {
            char[] text = [.. Enumerable.Repeat('x', AsciiWord.BlockLength)];
            text[c % AsciiWord.BlockLength] = (char)c;
            uint expected = "aeiou\0\x7F".Contains((char)c, StringComparison.Ordinal) ? 1u << (c % AsciiWord.BlockLength) : 0;
            Assert.Equal(expected, vowels.In(AsciiWord.Load(ref text[0])));
        }
    }

    [Theory]
    [InlineData(1, ' ', "T")]
    [InlineData(8, ' ', "The cat ")]
    [InlineData(15, '▁', "The▁cat▁sat▁on▁")]
    public void WriteTo_WordOfABlock_HasItsFirstCharactersOnly(int length, char blank, string expected)
    {
        var word = new AsciiWord(AsciiWord.Load(ref "The cat sat on it".ToCharArray()[0]), length, blank);
        Assert.Equal(expected, word.ToString());
        Assert.Equal(Vector128<byte>.Zero, word.Characters >>> 7);
        Assert.Equal(
            Enumerable.Range(7, length).Select(i => new TokenOffset(i, i + 1)), word.PlacesFrom(7, new TokenOffset[length]).ToArray());
    }
}
