using CsCheck;
using MlNetBert.NamedEntities;

namespace MlNetBert.Tests.NamedEntities;

public class BioTagsTests
{
    private static readonly string[] Tags = ["O", "B-per", "I-per", "B-x-y", "I-x-y", "B", "I"];

    internal static readonly Gen<string[]> Sentences = Gen.Int[0, Tags.Length - 1].Select(i => Tags[i]).Array[0, 12];

    [Theory]
    [InlineData("O O", "")]
    [InlineData("B-per I-per O B-loc", "per 0-2, loc 3-4")]
    [InlineData("I-per I-per", "per 0-2")]
    [InlineData("O I-per", "per 1-2")]
    [InlineData("B-per I-loc", "per 0-1, loc 1-2")]
    [InlineData("B-per B-per", "per 0-1, per 1-2")]
    [InlineData("I-x-y I-x-y", "x-y 0-2")]
    [InlineData("B I O I", " 0-2,  3-4")]
    [InlineData("B-per I", "per 0-1,  1-2")]
    public void Decode_AnySequence_GivesWhatSeqevalDoes(string tags, string expected) =>
        Assert.Equal(expected, string.Join(", ", BioTags.Decode(tags.Split(' ')).Select(e => $"{e.Label} {e.Start}-{e.End}")));

    [Fact]
    public void DecodeAndEncode_AnySequence_GiveTheSameEntities() => Sentences.Sample(tags =>
    {
        var entities = BioTags.Decode(tags);
        var encoded = BioTags.Encode(entities.Reverse(), tags.Length);
        Assert.Equal(entities, BioTags.Decode(encoded));
        Assert.Equal(tags.Select(t => t == "O"), encoded.Select(t => t == "O"));
        Assert.Equal(tags.Count(t => t != "O"), entities.Sum(e => e.End - e.Start));
        Assert.Equal(encoded, BioTags.Encode(BioTags.Decode(encoded), tags.Length));
    });

    [Theory]
    [InlineData("")]
    [InlineData("X-per")]
    [InlineData("Bper")]
    [InlineData("B-")]
    [InlineData("o")]
    public void Decode_OfWhatIsNoTag_SaysWhatATagIs(string tag)
    {
        var exception = Assert.Throws<ArgumentException>(() => BioTags.Decode(["O", tag]));

        Assert.Contains("B-TYPE", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{tag}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_ImpossibleEntities_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => BioTags.Encode([new EntitySpan("a", 0, 2), new EntitySpan("b", 1, 3)], 3));
        Assert.Throws<ArgumentException>(() => BioTags.Encode([new EntitySpan("a", 1, 1)], 3));
        Assert.Throws<ArgumentException>(() => BioTags.Encode([new EntitySpan("a", 2, 4)], 3));
    }

    [Fact]
    public void TypeOf_AnyTag_IsWhatFollowsTheHyphen()
    {
        Assert.Null(BioTags.TypeOf("O"));
        Assert.Equal("creative-work", BioTags.TypeOf("I-creative-work"));
        Assert.Equal("", BioTags.TypeOf("B"));
    }
}
