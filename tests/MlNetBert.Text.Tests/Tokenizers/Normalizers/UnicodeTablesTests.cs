using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Normalizers;

/// <summary>
/// The words that every code point of the first two planes gives between «a» and «b». The hashes are of what Hugging Face's tokenizers 0.23.2
/// gives: a line per code point, «hexadecimal number, blank, words parted by |, their code points in hexadecimals parted by commas».
/// </summary>
public sealed class UnicodeTablesTests
{
    [Theory]
    [InlineData(true, null, true, "41210301f90a5a39f8c237eb1b719d855da644d9ab0960b17d4280385cd9ce0e")]
    [InlineData(false, null, true, "899b3f5dde324d7b11fcf69fb75f117f4a596c90a6b1cd0cd90e22f001552ddf")]
    [InlineData(false, true, true, "ff2108678ff02e4cbd952f86688e15737d5960c067c8c7d4ec35f9386a3dee3a")]
    [InlineData(true, false, true, "f32d885c45ebf4dec5ca9bc0e49db0c13b3a9ee1f014c3a1c02678f55ce82082")]
    [InlineData(false, null, false, "cea09644f98997beee8b69ed4dce5a5f098bb0800ae30d1b551ff4f4d9d7ac88")]
    public void Normalize_EveryCodePoint_EqualsHuggingFace(bool lowerCase, bool? stripAccents, bool clean, string sha256)
    {
        var normalizer = new BertNormalizer { LowerCase = lowerCase, StripAccents = stripAccents, CleanText = clean, HandleChineseCharacters = clean };
        Check(new WordScanner(normalizer, composes: false, maxWordLength: 100, replacesInvalid: false), sha256);
        Check(new PipelineScanner(normalizer, new BertPreTokenizer(), replacesInvalid: false), sha256);
    }

    private static void Check(TextScanner scanner, string sha256)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int codePoint = 1; codePoint < 0x20000; codePoint++)
        {
            if (codePoint is >= 0xD800 and < 0xE000)
                continue;
            var sink = new WordSink([]);
            scanner.Scan($"a{char.ConvertFromUtf32(codePoint)}b", 0, ref sink);
            IEnumerable<string> words = sink.Words.Select(
                word => string.Join(',', word.EnumerateRunes().Select(rune => rune.Value.ToString("x", CultureInfo.InvariantCulture))));
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{codePoint:x} {string.Join('|', words)}\n")));
        }

        Assert.Equal(sha256, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private readonly struct WordSink(List<string> words) : IWordSink
    {
        public static bool TracksOffsets => false;

        public List<string> Words => words;

        public void Word(AsciiWord word, int start) => words.Add(word.ToString());

        public void Word(ReadOnlySpan<char> word, bool tooLong, ReadOnlySpan<TokenOffset> places) => words.Add(word.ToString());

        public void Part(ReadOnlySpan<char> text, int start, PipelineScanner scanner) =>
            throw new InvalidOperationException("The whole text was scanned.");

        public void Token(int id, TokenOffset place) => throw new InvalidOperationException("There is no added token.");
    }
}
