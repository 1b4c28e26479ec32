using System.Buffers.Binary;
using System.Text;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tests.Tokenizers.Normalizers;

public sealed class PrecompiledNormalizerTests
{
    [Fact]
    public void Normalize_AKeyOfTheTable_BecomesItsReplacement()
    {
        var normalizer = new PrecompiledNormalizer(Charsmaps.Of('a', "xy"));
        Assert.Equal("xyb xy", Normalize(normalizer, "ab a"));
        Assert.Equal("bc", Normalize(normalizer, "bc"));
    }

    [Fact]
    public void Normalize_AShortCluster_IsReplacedAsAWhole()
    {
        var normalizer = new PrecompiledNormalizer(Charsmaps.Of('a', "x"));
        Assert.Equal("x|", Normalize(normalizer, "a\u0301|")); // three bytes: the mark goes with it
        Assert.Equal("x\u0301\u20DD|", Normalize(normalizer, "a\u0301\u20DD|")); // six
    }

    [Fact]
    public void Normalize_ALeadingCharacterThatVanishes_ShiftsPlacesAsHuggingFaceDoes()
    {
        AlignedText text = new PrecompiledNormalizer(Charsmaps.Of('a', "")).Normalize(AlignedText.Of("abc", 0, replacesInvalid: false));
        Assert.Equal("bc", text.Text);
        Assert.Equal([new(0, 1), new(1, 2)], text.Places.ToArray());
    }

    public static TheoryData<string, byte[]> Faults
    {
        get
        {
            byte[] whole = Charsmaps.Of('a', "xy");
            byte[] beyond = [.. whole];
            BinaryPrimitives.WriteUInt32LittleEndian(beyond.AsSpan(4), 300u << 10);
            byte[] value = [.. whole];
            value.AsSpan(4 + (4 * 'b'), 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(4 + (4 * Charsmaps.Leaf)), 0x80000000 | 77);
            byte[] middle = [.. whole];
            BinaryPrimitives.WriteUInt32LittleEndian(middle.AsSpan(4 + (4 * Charsmaps.Leaf)), 0x80000000 | 1);
            return new TheoryData<string, byte[]>
            {
                { "length of its trie", [] },
                { "length of its trie", whole[..3] },
                { "length of its trie", whole[..500] },
                { "cut short", whole[..^1] },
                { "cut short", whole[..^3] },
                { "leads beyond its end", beyond },
                { "replacement at 77", value },
                { "in the middle of one", middle },
                { "UTF-8", [.. whole[..^3], 0xC3, 0x28, 0] },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Of_ACharsmapThatIsNone_IsRefusedByItsKey(string fault, byte[] charsmap)
    {
        string json = $$"""{"type":"Precompiled","precompiled_charsmap":"{{Convert.ToBase64String(charsmap)}}"}""";
        var exception = Assert.Throws<TokenizerFormatException>(
            () => TextNormalizer.Read(JsonPart.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json")));
        Assert.Contains("'precompiled_charsmap'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ACharsmapCutAnywhere_IsRefused()
    {
        byte[] whole = SharedFiles.Path("golden/subwords/t5/spiece.model") is var path ? CharsmapOf(path) : [];
        _ = new PrecompiledNormalizer(whole);
        for (int length = 0; length < whole.Length; length += 4_999)
            Assert.Throws<FormatException>(() => new PrecompiledNormalizer(whole.AsSpan(0, length)));
        Assert.Throws<FormatException>(() => new PrecompiledNormalizer(whole.AsSpan(0, whole.Length - 1)));
    }

    private static byte[] CharsmapOf(string path) => MlNetBert.Text.Tokenizers.Files.SentencePiece.ModelProto.Parser
        .ParseFrom(File.ReadAllBytes(path)).NormalizerSpec.PrecompiledCharsmap.ToByteArray();

    private static string Normalize(PrecompiledNormalizer normalizer, string text) =>
        normalizer.Normalize(AlignedText.Of(text, 0, replacesInvalid: false)).Text;
}
