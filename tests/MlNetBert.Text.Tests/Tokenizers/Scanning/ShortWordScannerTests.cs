using System.Text;
using CsCheck;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Tests.Tokenizers.Normalizers;
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
        new PrecompiledNormalizer(Charsmaps.Of('a', "")), // a text that begins with one has all its places moved
        new SequenceNormalizer([new LowercaseNormalizer(), new PrecompiledNormalizer(Charsmaps.Of('a', "")), new NfcNormalizer()]),
        new BertNormalizer(),
        new BertNormalizer { LowerCase = false, CleanText = false },
    ];

    private static readonly WordSpeller[] Spellers =
        [.. PreTokenizers.Select(_ => new WordSpeller(new LetterModel()))]; // a blank means the same to one

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
        var speller = new WordSpeller(new LetterModel());
        Scanned.HardText.Sample(text => Scanned.AssertSame(plain, scanner, speller, text), iter: 1_000);
    }

    [Fact]
    public void Of_PipelineWhoseWordsCannotBeTakenAsTheyStand_IsNone()
    {
        TextPreTokenizer cuts = new ByteLevelPreTokenizer();
        AssertNone(null, new ByteLevelPreTokenizer { UseRegex = false });
        AssertNone(null, new MetaspacePreTokenizer { Cuts = false });
        AssertNone(new StripNormalizer(), cuts);
        AssertNone(ReplaceNormalizer.OfRegex("a b", "c"), cuts);
        AssertNone(ReplaceNormalizer.OfString("a b", "c"), cuts);
        AssertNone(ReplaceNormalizer.OfString(" ", "_"), cuts);
        AssertNone(new SequenceNormalizer([new NfcNormalizer(), new StripNormalizer()]), cuts);

        static void AssertNone(TextNormalizer? normalizer, TextPreTokenizer preTokenizer) =>
            Assert.IsType<PipelineScanner>(TextScanner.Of(new TokenizerPipeline { Normalizer = normalizer, PreTokenizer = preTokenizer }));
    }

    /// <summary>A SentencePiece BPE without a pre-tokenizer, in the layout of today and in that of Llama 2.</summary>
    [Theory]
    [InlineData("llamaspm")]
    [InlineData("llama2")]
    public void Scan_ALayoutWithoutWords_GivesThePiecesOfWholeTexts(string layout)
    {
        TokenizerPipeline laidOut = GoldenTokenizer.Open(layout).Pipeline;
        TokenizerPipeline pipeline = GoldenTokenizer.Open("llamaspm").Pipeline with
        {
            Normalizer = laidOut.Normalizer,
            PreTokenizer = laidOut.PreTokenizer,
            InvalidText = InvalidTextHandling.Replace,
        };
        TextScanner scanner = Assert.IsType<ShortWordScanner>(TextScanner.Of(pipeline));
        var whole = new PipelineScanner(pipeline.Normalizer, pipeline.PreTokenizer, replacesInvalid: true);
        var speller = new WordSpeller(pipeline.Model!);
        Gen.OneOf(Scanned.HardText, RandomTokenizers.AnyText).Sample(
            text => Scanned.AssertSame(whole, scanner, speller, text), iter: 2_000);
    }

    /// <summary>Its vocabulary was learned from whole lines and has pieces such as "the▁".</summary>
    [Fact]
    public void Of_ALayoutWithoutWordsWhosePiecesReachAcrossBlanks_IsNone() =>
        Assert.IsType<PipelineScanner>(TextScanner.Of(GoldenTokenizer.Open("llama2").Pipeline));

    private static SplitPreTokenizer Split(string digits, SplitBehavior behavior, bool inverts) =>
        new(TextPattern.OfRegex(LlamaWordPattern.RegexOf(digits)), behavior, inverts);
}
