using System.Text;
using System.Text.Json;
using CsCheck;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.Patterns;
using MlNetBert.Text.Tokenizers.PreTokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Scanning;

public sealed class ShortWordScannerTests
{
    private static readonly TextPreTokenizer[] PreTokenizers =
    [
        new ByteLevelPreTokenizer { AddPrefixSpace = false },
        new ByteLevelPreTokenizer(),
        new MetaspacePreTokenizer(),
        new MetaspacePreTokenizer { Prepend = PrependScheme.First, Replacement = new Rune('◇') },
        new MetaspacePreTokenizer { Prepend = PrependScheme.Never },
        new SequencePreTokenizer([new WhitespaceSplitPreTokenizer(), new MetaspacePreTokenizer()]),
        new SequencePreTokenizer([new ByteLevelPreTokenizer()]),
        new SequencePreTokenizer(
            [Split("{1,3}", SplitBehavior.Isolated, inverts: false),
                new ByteLevelPreTokenizer { UseRegex = false, AddPrefixSpace = false }]),
        new SequencePreTokenizer(
            [Split("", SplitBehavior.Removed, inverts: true), new ByteLevelPreTokenizer { UseRegex = false, AddPrefixSpace = false }]),
    ];

    private static readonly TextNormalizer?[] Normalizers =
    [
        null,
        new NfcNormalizer(),
        new SequenceNormalizer([new NmtNormalizer(), new NfkcNormalizer(), ReplaceNormalizer.OfRegex(" {2,}", " ")]),
        new SequenceNormalizer([ReplaceNormalizer.OfString("''", "\""), ReplaceNormalizer.OfString("``", "\""), new NfkdNormalizer(),
            new StripAccentsNormalizer(), new LowercaseNormalizer()]),
        new SequenceNormalizer([ReplaceNormalizer.OfRegex(@"\s{2,}|[\n\r\t]", " "), new NfcNormalizer(), new StripNormalizer(Left: false)]),
        new SequenceNormalizer([new LowercaseNormalizer(), ReplaceNormalizer.OfString("ab", "c"), ReplaceNormalizer.OfString(".", "!")]),
        new BertNormalizer(),
        new BertNormalizer { LowerCase = false, CleanText = false },
    ];

    private static readonly WordSpeller[] Spellers =
        [.. PreTokenizers.Select(_ => new WordSpeller(new Letters()))]; // a blank means the same to one

    [Fact]
    public void Scan_AnyText_GivesWhatThePipelineGives() =>
        Gen.Select(Gen.Int[0, PreTokenizers.Length - 1], Gen.Int[0, Normalizers.Length - 1], Gen.Bool, RandomTokenizers.AnyText).Sample(
            (cuts, normalizes, replaces, text) =>
            {
                (TextPreTokenizer preTokenizer, TextNormalizer? normalizer) = (PreTokenizers[cuts], Normalizers[normalizes]);
                InvalidTextHandling invalid = replaces ? InvalidTextHandling.Replace : InvalidTextHandling.Throw;
                var pipeline = new TokenizerPipeline { Normalizer = normalizer, PreTokenizer = preTokenizer, InvalidText = invalid };
                Scanned.AssertSame(
                    new PipelineScanner(normalizer, preTokenizer, replaces), Assert.IsType<ShortWordScanner>(TextScanner.Of(pipeline)),
                    Spellers[cuts], text);
            },
            iter: 30_000);

    [Theory]
    [InlineData("unigram")]
    [InlineData("unigram-bytes")]
    [InlineData("xlmr")]
    [InlineData("t5")]
    [InlineData("xlnet")]
    [InlineData("albert")]
    [InlineData("debertav2")]
    public void Scan_APublishedLayout_GivesWhatThePipelineGives(string name)
    {
        TokenizerPipeline pipeline = GoldenTokenizer.Open(name).Pipeline with { InvalidText = InvalidTextHandling.Replace };
        TextScanner scanner = Assert.IsType<ShortWordScanner>(TextScanner.Of(pipeline));
        var plain = new PipelineScanner(pipeline.Normalizer, pipeline.PreTokenizer, replacesInvalid: true);
        var speller = new WordSpeller(new Letters());
        HardText.Sample(text => Scanned.AssertSame(plain, scanner, speller, text), iter: 1_000);
    }

    /// <summary>Words between single and several blanks, with what joins, vanishes or becomes longer beside them.</summary>
    private static Gen<string> HardText { get; } = Gen.OneOf(
        Gen.String[Gen.Char["aab  .`A'\u0301é\u200D▁\t\n\u00A0日\uFF21"], 0, 30],
        Gen.OneOf("ab", "Hello", " ", "world.", "é", "\u0301", "``", "  ", "\U0001F600", "\u1100", "\u00AA\u0301",
            new string('z', 70)).Array[0, 12]
            .Select(parts => string.Join(' ', parts)),
        Gen.String[Gen.Char["ab \uD83D\uDE00"], 0, 12]);

    [Fact]
    public void Of_PipelineWhoseWordsCannotBeTakenAsTheyStand_IsNone()
    {
        TextPreTokenizer cuts = new ByteLevelPreTokenizer();
        AssertNone(null, new ByteLevelPreTokenizer { UseRegex = false });
        AssertNone(null, new MetaspacePreTokenizer { Cuts = false });
        AssertNone(null, new MetaspacePreTokenizer { Replacement = new Rune('_') });
        AssertNone(null, new SequencePreTokenizer([new MetaspacePreTokenizer(), new ByteLevelPreTokenizer()]));
        AssertNone(null,
            new SequencePreTokenizer(
                [Split("", SplitBehavior.Removed, inverts: false),
                    new ByteLevelPreTokenizer { UseRegex = false, AddPrefixSpace = false }]));
        AssertNone(new StripNormalizer(), cuts);
        AssertNone(ReplaceNormalizer.OfRegex("a b", "c"), cuts);
        AssertNone(ReplaceNormalizer.OfString("a b", "c"), cuts);
        AssertNone(ReplaceNormalizer.OfString(" ", "_"), cuts);
        AssertNone(new SequenceNormalizer([new NfcNormalizer(), new StripNormalizer()]), cuts);

        static void AssertNone(TextNormalizer? normalizer, TextPreTokenizer preTokenizer) =>
            Assert.IsType<PipelineScanner>(TextScanner.Of(new TokenizerPipeline { Normalizer = normalizer, PreTokenizer = preTokenizer }));
    }

    private static SplitPreTokenizer Split(string digits, SplitBehavior behavior, bool inverts) =>
        new(TextPattern.OfRegex(LlamaWordPattern.RegexOf(digits)), behavior, inverts);

    /// <summary>A piece for each character, another one where it begins a word: the ids tell the words.</summary>
    private sealed class Letters : SubwordModel
    {
        public override string Type => "Letters";

        public override IEnumerable<KeyValuePair<string, int>> Vocabulary => [];

        public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
        {
            int first = 1;
            foreach (Rune rune in word.EnumerateRunes())
            {
                pieces.Add(new Subword((2 * rune.Value) + first, rune.Utf16SequenceLength));
                first = 0;
            }
        }

        public override void Write(Utf8JsonWriter writer)
        {
        }
    }
}
