using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert.Text.Tests.Tokenizers.Normalizers;

/// <summary>
/// What normalizers make of every code point of the first two planes. The hashes are of what Hugging Face's tokenizers 0.22.2 gives: a line
/// per code point, "hexadecimal number, blank, the code points of the result in hexadecimals parted by commas".
/// </summary>
public sealed class NormalizerTableTests
{
    [Theory]
    [InlineData("NFC", "a8a260430b07d192ec55d2505f5c0f0ba26c37c97bdfd5c6e2e089c6b80fc1df")]
    [InlineData("NFD", "6967bcd75b13ba74d98d01b61b0531265122db04236f384a7166cd951755a2df")]
    [InlineData("NFKC", "a3542b3c5b23dbc85e527085a2151ab862edf923ef239dd003abc01daac3a5fc")]
    [InlineData("NFKD", "15aa48e862e0496fc877009514bf3469019aa77da6850c5dea8b69798b5a3239")]
    [InlineData("StripAccents", "10b8343c43f3aa4335160ce562624e3d575cc3bbe60d7a925149e56c53bdb37d")]
    [InlineData("Lowercase", "5b1451a41cc72d9e24cff78ed6063aff92a15f3e4bb0bbb08c72ecc6f7259ba1")]
    [InlineData("Nmt", "d7e04f70080681dfe20bcfc600e69ceb330db78597d827957ea252d24fada00c")]
    public void Normalize_EveryCodePointBetweenLetters_EqualsHuggingFace(string type, string sha256) =>
        Assert.Equal(sha256, Hash(Read($$"""{"type":"{{type}}"}"""), character => $"a{character}\u0323\u0301b"));

    [Fact]
    public void Normalize_EveryCodePointByACharsmap_EqualsHuggingFace()
    {
        TextNormalizer charsmap = Charsmap();
        Assert.Equal("5e9d37470592d648be807818d7a42795814303f566d4a6f6df6a618df1391dd0", Hash(charsmap, character => character));
        Assert.Equal(
            "35f2c6b5ed8a6c43ad0925a6cd89e63963df5782afd7d984627dc3907493f24d",
            Hash(charsmap, character => $"\u00AA{character}\u0301 {character}{character}\u200D\u00AA{character}"));
    }

    private static TextNormalizer Charsmap()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFiles.Path("golden/subwords/t5/tokenizer.json")));
        return Read(document.RootElement.GetProperty("normalizer").GetRawText());
    }

    private static TextNormalizer Read(string json) => TextNormalizer.Read(JsonPart.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json"))!;

    private static string Hash(TextNormalizer normalizer, Func<string, string> textOf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int codePoint = 1; codePoint < 0x20000; codePoint++)
        {
            if (codePoint is >= 0xD800 and < 0xE000)
                continue;
            string text = normalizer.Normalize(AlignedText.Of(textOf(char.ConvertFromUtf32(codePoint)), 0, replacesInvalid: false)).Text;
            string shown = string.Join(',', text.EnumerateRunes().Select(rune => rune.Value.ToString("x", CultureInfo.InvariantCulture)));
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{codePoint:x} {shown}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
