using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tests.Tokenizers.Normalizers;

/// <summary>Places as Hugging Face's NormalizedString has them.</summary>
public sealed class AlignedTextTests
{
    [Fact]
    public void Transform_AnExpansionFollowedByARemoval_TakesTheRemovedPlace()
    {
        // "™\u001Eg" to "TMg", as their test of Precompiled has it: M replaces the character that is removed.
        AlignedText text = Text("\u2122\u001Eg").Transform([('T', 0), ('M', 0), ('g', 0)]);
        Assert.Equal("TMg", text.Text);
        Assert.Equal([new(0, 1), new(1, 2), new(2, 3)], text.Places.ToArray());
    }

    [Fact]
    public void Transform_AddedCharacters_StandWhereTheLastTakenOneStood()
    {
        AlignedText text = Text("x\uD835\uDCB3e\u0301").Transform([('x', 0), ('y', 1), (0x1D4B3, 0), ('z', 1), (0xE9, -1), ('!', 1)]);
        Assert.Equal("xy\uD835\uDCB3z\u00E9!", text.Text);
        Assert.Equal([new(0, 1), new(0, 1), new(1, 3), new(1, 3), new(1, 3), new(3, 4), new(4, 5)], text.Places.ToArray());
    }

    [Fact]
    public void Transform_DroppedAtTheBeginning_LeavesThePlacesOfTheRest()
    {
        AlignedText text = Text("\uD83D\uDE00bc").Transform([('b', -1)], dropped: 1);
        Assert.Equal("b", text.Text);
        Assert.Equal([new(2, 3)], text.Places.ToArray());
    }

    [Fact]
    public void Map_CharactersDroppedAndReplaced_KeepsPlaces()
    {
        AlignedText text = new NmtNormalizer().Normalize(Text("a\u0001\tb\u200Bc"));
        Assert.Equal("a b c", text.Text);
        Assert.Equal([new(0, 1), new(2, 3), new(3, 4), new(4, 5), new(5, 6)], text.Places.ToArray());
    }

    [Theory]
    [InlineData(true, true, "ab", 1)]
    [InlineData(true, false, "ab \t", 1)]
    [InlineData(false, true, " ab", 0)]
    public void Strip_WhiteSpaceAtTheEnds_IsDropped(bool left, bool right, string expected, int start)
    {
        AlignedText text = new StripNormalizer(left, right).Normalize(Text(" ab \t"));
        Assert.Equal(expected, text.Text);
        Assert.Equal(start, text.Places[0].Start);
        Assert.Equal(string.Empty, new StripNormalizer(left, right).Normalize(Text(" \u3000")).Text);
    }

    [Fact]
    public void Replace_BlanksByOne_StandsWhereTheLastStood()
    {
        AlignedText text = ReplaceNormalizer.OfRegex(" {2,}", " ").Normalize(Text("a   b c"));
        Assert.Equal("a b c", text.Text);
        Assert.Equal(new TokenOffset(3, 4), text.Places[1]);
    }

    private static AlignedText Text(string text) => AlignedText.Of(text, 0, replacesInvalid: false);
}
