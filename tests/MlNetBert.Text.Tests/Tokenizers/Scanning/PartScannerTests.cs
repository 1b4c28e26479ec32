using CsCheck;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.Patterns;
using MlNetBert.Text.Tokenizers.PreTokenizers;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Scanning;

public sealed class PartScannerTests
{
    private static readonly ByteLevelPreTokenizer Bytes = new() { AddPrefixSpace = false };

    private static readonly TextPreTokenizer[] PreTokenizers =
    [
        new SequencePreTokenizer(
            [new PunctuationPreTokenizer(SplitBehavior.Contiguous), Bytes, new DigitsPreTokenizer(Individual: false),
                Split("[0-9][0-9][0-9]", SplitBehavior.Isolated)]),
        new SequencePreTokenizer([Split(@"\d{1,2}", SplitBehavior.MergedWithNext), new DigitsPreTokenizer(Individual: true), Bytes]),
        new SequencePreTokenizer([new DigitsPreTokenizer(Individual: true), new ByteLevelPreTokenizer()]),
        new SequencePreTokenizer([new MetaspacePreTokenizer(), new ByteLevelPreTokenizer()]),
        new SequencePreTokenizer([new PunctuationPreTokenizer(SplitBehavior.MergedWithPrevious), new MetaspacePreTokenizer()]),
        new SequencePreTokenizer([new WhitespaceSplitPreTokenizer(), new MetaspacePreTokenizer { Prepend = PrependScheme.First }]),
        new SequencePreTokenizer(
            [new SplitPreTokenizer(TextPattern.OfString("a"), SplitBehavior.MergedWithNext, Inverts: true),
                new WhitespaceSplitPreTokenizer(), new PunctuationPreTokenizer(SplitBehavior.Isolated)]),
        new SplitPreTokenizer(TextPattern.OfString(" "), SplitBehavior.Removed, Inverts: false),
        new SplitPreTokenizer(TextPattern.OfString(" "), SplitBehavior.Contiguous, Inverts: true),
        Split(LlamaWordPattern.RegexOf(""), SplitBehavior.MergedWithPrevious),
        new WhitespacePreTokenizer(),
        new BertPreTokenizer(),
    ];

    private static readonly TextNormalizer?[] Normalizers =
    [
        null,
        new NfcNormalizer(),
        new SequenceNormalizer([new NmtNormalizer(), new NfkcNormalizer(), ReplaceNormalizer.OfRegex(" {2,}", " ")]),
        new SequenceNormalizer([new NfkdNormalizer(), new StripAccentsNormalizer(), new LowercaseNormalizer(),
            ReplaceNormalizer.OfRegex(" {2,}", " ")]),
        new SequenceNormalizer([ReplaceNormalizer.OfRegex(@"\s{2,}|[\n\r\t]", " "), new PrependNormalizer("é "), new StripNormalizer(Left: false)]),
        new BertNormalizer(),
    ];

    [Fact]
    public void Scan_AnyText_GivesWhatThePipelineGives()
    {
        foreach (TextPreTokenizer preTokenizer in PreTokenizers)
        {
            foreach (TextNormalizer? normalizer in Normalizers)
            {
                InvalidTextHandling invalid = normalizer is BertNormalizer ? InvalidTextHandling.Throw : InvalidTextHandling.Replace;
                var pipeline = new TokenizerPipeline { Normalizer = normalizer, PreTokenizer = preTokenizer, InvalidText = invalid };
                var plain = new PipelineScanner(normalizer, preTokenizer, invalid == InvalidTextHandling.Replace);
                TextScanner scanner = Assert.IsType<PartScanner>(TextScanner.Of(pipeline));
                var speller = new WordSpeller(new LetterModel());
                Gen.OneOf(Scanned.HardText, RandomTokenizers.AnyText).Sample(
                    text => Scanned.AssertSame(plain, scanner, speller, text), iter: 300);
            }
        }
    }

    /// <summary>A blank that a normalizer puts beside a character, and takes out again where there is another.</summary>
    [Theory]
    [InlineData("中 _", "")]
    [InlineData("中 x", "")]
    [InlineData("é x", "é")]
    [InlineData("x é", "é")]
    [InlineData("xe\u0301 x", "\u0301")]
    public void Scan_CharactersThatGetABlank_GivesWhatThePipelineGives(string text, string replaced)
    {
        ReplaceNormalizer blanks = ReplaceNormalizer.OfRegex(" {2,}", " ");
        TextNormalizer normalizer = new SequenceNormalizer(
            [replaced.Length == 0 ? new BertNormalizer { LowerCase = false } : ReplaceNormalizer.OfString(replaced, "e "), blanks]);
        foreach (bool inverts in (bool[])[false, true])
        {
            var preTokenizer = new SplitPreTokenizer(TextPattern.OfString(" "), SplitBehavior.Isolated, inverts);
            TextScanner scanner = TextScanner.Of(new TokenizerPipeline { Normalizer = normalizer, PreTokenizer = preTokenizer });
            Assert.IsType<PartScanner>(scanner);
            Scanned.AssertSame(new PipelineScanner(normalizer, preTokenizer, replacesInvalid: false), scanner, new WordSpeller(new LetterModel()), text);
        }
    }

    [Fact]
    public void Scan_Falcon_GivesWhatThePipelineGives()
    {
        TokenizerPipeline pipeline = GoldenTokenizer.Open("falcon").Pipeline with { InvalidText = InvalidTextHandling.Replace };
        TextScanner scanner = Assert.IsType<PartScanner>(TextScanner.Of(pipeline));
        var plain = new PipelineScanner(pipeline.Normalizer, pipeline.PreTokenizer, replacesInvalid: true);
        var speller = new WordSpeller(new LetterModel());
        Scanned.HardText.Sample(text => Scanned.AssertSame(plain, scanner, speller, text), iter: 1_000);
    }

    /// <summary>Merges, whether they can reach across the mark of a blank, and pieces without merges that would.</summary>
    private static Gen<BytePairModel> Models { get; } = Gen.Select(
        Gen.Select(Gen.OneOf("a", "b", "▁", "▁▁", "▁a", "ab", "<0x61>", "<unk>"), Gen.OneOf("a", "b", "▁", "▁a", "ab"))
            .Array[0, 8],
        Gen.Bool, Gen.Bool, Gen.Bool).Select((merges, fuses, falls, ignores) => BytePairTokenizers.Model(
            ["<unk>", "<0x61>", "a", "b", "▁", "ab", "▁▁", "▁a", "b▁", .. falls ? Enumerable.Range(0, 200).Select(value => $"<0x{value:X2}>") : []],
            [.. merges.Select(merge => $"{merge.Item1} {merge.Item2}")],
            new BytePairSettings { UnknownToken = "<unk>", FuseUnknown = fuses, ByteFallback = falls, IgnoreMerges = ignores }));

    [Fact]
    public void Scan_AnyMergesOfWholeTexts_GivesWhatThePipelineGives()
    {
        (TextNormalizer? Normalizer, TextPreTokenizer? PreTokenizer)[] layouts =
        [
            (new SequenceNormalizer([new PrependNormalizer("▁"), ReplaceNormalizer.OfString(" ", "▁")]), null),
            (ReplaceNormalizer.OfString(" ", "▁"), null),
            (null, new MetaspacePreTokenizer { Cuts = false, Prepend = PrependScheme.First }),
            (null, new MetaspacePreTokenizer { Cuts = false }),
        ];
        int cut = 0;
        Gen.Select(Models, Gen.Int[0, layouts.Length - 1],
            Gen.OneOf(Gen.String[Gen.Char["aab   ▁xyéж\u0301"], 0, 20], Scanned.HardText)).Sample(
            (model, layout, text) =>
            {
                (TextNormalizer? normalizer, TextPreTokenizer? preTokenizer) = layouts[layout];
                var pipeline = new TokenizerPipeline
                {
                    Normalizer = normalizer,
                    PreTokenizer = preTokenizer,
                    Model = model,
                    InvalidText = InvalidTextHandling.Replace,
                };
                TextScanner scanner = TextScanner.Of(pipeline);
                if (scanner is PartScanner)
                    Interlocked.Increment(ref cut);
                Scanned.AssertSame(
                    new PipelineScanner(normalizer, preTokenizer, replacesInvalid: true), scanner, new WordSpeller(model), text);
            },
            iter: 3_000);
        Assert.InRange(cut, 300, 2_700);
    }

    [Fact]
    public void Of_ModelThatMayJoinWhatABlankStandsBetween_IsNone()
    {
        AssertCuts(true, [], new());
        AssertCuts(true, ["▁ ▁", "▁▁ a"], new());
        AssertCuts(false, ["a ▁"], new());
        AssertCuts(false, ["a b", "▁ a", "▁a ▁"], new());
        AssertCuts(false, [], new BytePairSettings { IgnoreMerges = true });
        AssertCuts(false, [], new BytePairSettings { EndOfWordSuffix = "</w>" });
        AssertCuts(false, [], new BytePairSettings { ContinuingPrefix = "##" });
        AssertCuts(false, [], new BytePairSettings { FuseUnknown = true, UnknownToken = "a" }, mark: '\u25C7');

        static void AssertCuts(bool expected, string[] merges, BytePairSettings settings, char mark = '▁')
        {
            TextScanner scanner = TextScanner.Of(new TokenizerPipeline
            {
                PreTokenizer = new MetaspacePreTokenizer { Cuts = false, Replacement = new(mark) },
                Model = BytePairTokenizers.Model(["a", "b", "▁", "b▁"], merges, settings),
            });
            Assert.Equal(expected, scanner is PartScanner);
        }
    }

    [Theory]
    [InlineData(@"[0-9]+", true)]
    [InlineData(@"\p{N}{1,3}|(?:ab)+", true)]
    [InlineData(@"\d\d", true)]
    [InlineData(@"a.", false)]
    [InlineData(@"[^a]", false)]
    [InlineData(@"\s?a", false)]
    [InlineData(@"a ?", false)]
    [InlineData(@"a(?=b)", false)]
    [InlineData(@"a$", false)]
    [InlineData(@"\ba", false)]
    [InlineData(@"[[:space:]]", false)]
    [InlineData(@"[0-9]*", false)]
    [InlineData("[\t-z]", false)]
    public void StaysBetweenBlanks_OfAPattern_IsSaidOnlyWhereItIsSo(string regex, bool expected) =>
        Assert.Equal(expected, TextPattern.OfRegex(regex).StaysBetweenBlanks);

    private static SplitPreTokenizer Split(string regex, SplitBehavior behavior) =>
        new(TextPattern.OfRegex(regex), behavior, Inverts: false);
}
