using CsCheck;
using MlNetBert.Tests.Common;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Scanning;

namespace MlNetBert.Text.Tests.Tokenizers.Scanning;

public sealed class PipelineScannerTests
{
    [Fact]
    public void Scan_PiecesOfAnyBertTokenizerOneByOne_GivesWhatTheFastWayGives() =>
        Gen.Select(RandomTokenizers.Files, RandomTokenizers.Text).Sample(
            (files, text) => AssertGivesThePlainWords(RandomTokenizers.Open(files).Pipeline, text, text + "\uD83D" + text, "\uDE00" + text),
            iter: 2_000);

    [Fact]
    public void Scan_AnyUnicode_GivesWhatTheFastWayGives() =>
        Gen.Select(RandomTokenizers.Files, RandomTokenizers.AnyText).Sample(
            (files, text) => AssertGivesThePlainWords(RandomTokenizers.Open(files).Pipeline, text),
            iter: 2_000);

    [Fact]
    public void Scan_WordsOfEachLengthAtEachPlaceOfABlock_GivesWhatTheFastWayGives()
    {
        TokenizerPipeline pipeline =
            SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "##c", "."]).Pipeline;
        AssertGivesThePlainWords(pipeline,
        [
            .. from end in (string[])["", ".", " ", "\u0001", "é", "中", "\u0301"]
               from before in Enumerable.Range(0, 18)
               from length in Enumerable.Range(1, 18)
               select new string('.', before) + "A" + new string('b', length - 1) + end + "ac",
        ]);
    }

    [Fact]
    public void Word_PiecesThatShareTheirCharacters_HaveTheSamePlace()
    {
        var (ids, offsets) = (new List<int>(), new List<TokenOffset>());
        var sink = new OffsetSink(new WordSpeller(new BytesOfEmoji()), ids, offsets);
        new PipelineScanner(null, null, replacesInvalid: false).Scan("x😀y", 5, ref sink);
        Assert.Equal([1, 2, 2, 1], ids);
        Assert.Equal([new(5, 6), new(6, 8), new(6, 8), new(8, 9)], offsets);
    }

    private static void AssertGivesThePlainWords(TokenizerPipeline pipeline, params string[] texts)
    {
        var fast = Assert.IsType<WordScanner>(TextScanner.Of(pipeline));
        var plain = new PipelineScanner(pipeline.Normalizer, pipeline.PreTokenizer, pipeline.InvalidText == InvalidTextHandling.Replace);
        var speller = new WordSpeller(pipeline.Model!);
        foreach (string text in texts)
        {
            Scanned.AssertSame(plain, fast, speller, text);
        }
    }

    /// <summary>A piece for each letter, two for what takes two characters.</summary>
    private sealed class BytesOfEmoji : SubwordModel
    {
        public override string Type => "Bytes";

        public override IEnumerable<KeyValuePair<string, int>> Vocabulary => [];

        public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
        {
            foreach (System.Text.Rune rune in word.EnumerateRunes())
            {
                pieces.Add(new Subword(rune.IsBmp ? 1 : 2, rune.Utf16SequenceLength));
                if (!rune.IsBmp)
                    pieces.Add(new Subword(2, 0));
            }
        }

        public override void Write(System.Text.Json.Utf8JsonWriter writer)
        {
        }
    }
}
