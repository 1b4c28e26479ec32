using System.Text;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tests.Tokenizers.Normalizers;

public sealed class TextNormalizerTests
{
    /// <summary>A section, a text, what it becomes, and where each unit of that comes from.</summary>
    public static TheoryData<string, string, string, string> Sections => new()
    {
        { """{"type":"ByteLevel"}""", "é ", "Ã©Ġ", "0-1 0-1 1-2" },
        { """{"type":"Prepend","prepend":"▁x"}""", "😀a", "▁x😀a", "0-2 0-2 0-2 0-2 2-3" },
        { """{"type":"Prepend","prepend":"▁"}""", "", "", "" },
        { """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", "a b", "a▁b", "0-1 1-2 2-3" },
        // What replaces several characters comes from the last of them, as with Hugging Face.
        { """{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"[$0]"}""", "a  b", "a[$0]b", "0-1 2-3 2-3 2-3 2-3 3-4" },
        { """{"type":"Replace","pattern":{"String":"''"},"content":""}""", "a''b", "ab", "0-1 3-4" },
        { """{"type":"Replace","pattern":{"Regex":"^"},"content":"x"}""", "a", "xa", "0-0 0-1" },
    };

    [Fact]
    public void Normalize_WhatIsSetBeforeAPartOfAText_StandsWhereThePartBegins()
    {
        AlignedText part = ReplaceNormalizer.OfRegex("^", "x").Normalize(AlignedText.Of("ab", 5, replacesInvalid: false));
        Assert.Equal("xab", part.Text);
        Assert.Equal([new(5, 5), new(5, 6), new(6, 7)], part.Places.ToArray());
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void Normalize_OfASection_GivesTextAndPlaces(string section, string text, string expected, string places)
    {
        TextNormalizer normalizer = Read(section);
        AssertNormalizes(normalizer);
        byte[] written = TokenizerFilesWriter.Json(writer =>
        {
            writer.WriteStartObject();
            normalizer.Write(writer);
            writer.WriteEndObject();
        });
        AssertNormalizes(Read(Encoding.UTF8.GetString(written)));

        void AssertNormalizes(TextNormalizer one)
        {
            AlignedText normalized = one.Normalize(AlignedText.Of(text, 0, replacesInvalid: false));
            Assert.Equal(expected, normalized.Text);
            Assert.Equal(places, string.Join(' ', normalized.Places.ToArray().Select(place => $"{place.Start}-{place.End}")));
        }
    }

    private static TextNormalizer Read(string section) => TextNormalizer.Read(
        JsonPart.Parse(Encoding.UTF8.GetBytes($$"""{"normalizer":{{section}}}"""), "tokenizer.json").Required("normalizer"))!;
}
