using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests.Verbs;

public class TrainVocabularyTests(TinyModels models) : IClassFixture<TinyModels>
{
    [Fact]
    public void TrainVocabulary_Json_WritesTheFileAndTellsItsUse()
    {
        var output = models.At("learnt.txt");

        var result = Tool.Run("train-vocabulary", "--data", models.Text, "--size", "60", "--output", output, "--json").Object;

        var pieces = File.ReadAllLines(output);
        Assert.Equal(pieces.Length, result.GetProperty("size").GetInt32());
        Assert.InRange(pieces.Length, 30, 60);
        Assert.Equal("[PAD]", pieces[0]);
        Assert.True(result.GetProperty("seconds").GetDouble() > 0);
        Assert.InRange(result.GetProperty("tokens_per_word").GetDouble(), 1, 3);
        Assert.Equal(0, result.GetProperty("unknown_share").GetDouble());
    }

    [Fact]
    public void TrainVocabulary_EvaluationData_IsWhatTheUseIsMeasuredOn()
    {
        var other = models.At("other.txt");
        File.WriteAllText(other, "cat ŷŷ\nŷ\n");

        var result = Tool.Run("train-vocabulary", "--data", models.Text, "--eval-data", other, "--size", "100", "--cased", "--output", models.At("v.txt"), "--json").Object;

        Assert.Equal(2.0 / 3, result.GetProperty("unknown_share").GetDouble(), 1e-9);
        Assert.Equal(1, result.GetProperty("tokens_per_word").GetDouble());
    }

    [Fact]
    public void TrainVocabulary_Table_NeedsItsColumn()
    {
        var table = models.At("table.tsv");
        File.WriteAllText(table, "Id\tBody\n1\tthe cat sat\n2\tthe cat ran\n");
        var output = models.At("t.txt");

        Tool.Run("train-vocabulary", "--data", table, "--output", output).IsFailure(1, "table.tsv", "'Body'");
        Assert.False(File.Exists(output));
        Tool.Run("train-vocabulary", "--data", table, "--column", "Body", "--output", output, "--json").IsDone();
        Assert.Contains("cat", File.ReadAllLines(output));
    }

    [Fact]
    public void TrainVocabulary_PlaceThatCannotBeWritten_IsRefusedBeforeTheTextsAreRead()
    {
        var broken = models.At("broken.txt");
        File.WriteAllBytes(broken, [0xFF]);

        var there = Path.Combine(models.Text, "v.txt");
        Tool.Run("train-vocabulary", "--data", broken, "--output", there).IsFailure(1, $"Could not write {there}");
    }

    [Fact]
    public void TrainVocabulary_NoData_Fails() => Tool.Run("train-vocabulary", "--data", models.At("none.txt"), "--output", models.At("n.txt")).IsFailure(1, "none.txt");

    [Fact]
    public void TrainVocabulary_WikiText_SpendsNoMoreTokensThanHuggingFace()
    {
        var data = TestFiles.Shared("data", "wikitext-2-test.txt");
        var evaluation = TestFiles.Shared("data", "wikitext-2-valid.txt");

        var result = Tool.Run("train-vocabulary", "--data", data, "--eval-data", evaluation, "--output", models.At("wiki.txt"), "--json").Object;

        Assert.Equal(8000, result.GetProperty("size").GetInt32());
        Assert.InRange(result.GetProperty("tokens_per_word").GetDouble(), 1, 1.294);
    }

    [Fact]
    public void TrainVocabulary_MoreCharactersThanPlaces_FillsThemAndCountsTheRest()
    {
        var data = models.At("ideographs.txt");
        File.WriteAllText(data, string.Concat(Enumerable.Range(0, 300).Select(i => (char)(0x4E00 + i))));

        var result = Tool.Run("train-vocabulary", "--data", data, "--size", "200", "--output", models.At("i.txt"), "--json");

        Assert.Equal((200, 105), (result.Object.GetProperty("size").GetInt32(), result.Object.GetProperty("characters_left_out").GetInt32()));
        Assert.Contains("105 of the texts' 300 characters are left out", result.Error, StringComparison.Ordinal);
        Assert.Contains("Raise --size to keep more", result.Error, StringComparison.Ordinal);
        Assert.Contains(
            "Raise --alphabet-limit to keep more",
            Tool.Run("train-vocabulary", "--data", data, "--alphabet-limit", "100", "--output", models.At("i.txt")).IsDone().Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TrainVocabulary_OnlyWordsTooLong_FailsWithTheirLength()
    {
        var data = models.At("dna.txt");
        File.WriteAllLines(data, Enumerable.Repeat(string.Concat(Enumerable.Repeat("GATTACA", 40)), 5));

        Tool.Run("train-vocabulary", "--data", data, "--output", models.At("d.txt")).IsFailure(1, "words: 5): each word is longer than 100 characters", "Part such words by blanks");
        Assert.False(File.Exists(models.At("d.txt")));
    }

    [Fact]
    public void TrainVocabulary_AccentedTexts_KeepsAccentsAndSaysSo()
    {
        var data = models.At("pt.txt");
        File.WriteAllLines(data, Enumerable.Repeat("a av\u00F3 e o avo\u0302", 5));
        var (pieces, tokenizer) = (models.At("pt-pieces.txt"), models.At("pt.json"));

        var result = Tool.Run("train-vocabulary", "--data", data, "--size", "60", "--output", pieces, "--json");

        Assert.False(result.Object.GetProperty("strip_accents").GetBoolean());
        Assert.Contains("Accents are kept, because 10 of 25 words (40 %) would lose one. --strip-accents true strips them.", result.Error, StringComparison.Ordinal);
        Assert.Contains("it cannot say that accents are composed with their letters first (NFC)", result.Error, StringComparison.Ordinal);
        Assert.Contains("give --strip-accents false", result.Error, StringComparison.Ordinal);
        Assert.Contains("av\u00F4", File.ReadAllLines(pieces));
        Assert.True(Tool.Run("train-vocabulary", "--data", data, "--size", "60", "--strip-accents", "true", "--output", pieces, "--json").Object.GetProperty("strip_accents").GetBoolean());

        Assert.DoesNotContain("NFC", Tool.Run("train-vocabulary", "--data", data, "--size", "60", "--output", tokenizer).IsDone().Error, StringComparison.Ordinal);
        var tokens = Tool.Run("tokenize", "--vocabulary", tokenizer, "--json", "Avo\u0301").Object.GetProperty("tokens").EnumerateArray().Select(token => token.GetString());
        Assert.Equal(["[CLS]", "av\u00F3", "[SEP]"], tokens);
        Tool.Run("tokenize", "--vocabulary", tokenizer, "--strip-accents", "false", "a").IsFailure(2, "--strip-accents goes with a vocabulary of pieces");
    }

    [Fact]
    public void TrainVocabulary_CasedAndLowerCase_ExcludeEachOther() =>
        Tool.Run("train-vocabulary", "--data", models.Text, "--cased", "--lower-case", "true", "--output", models.At("x.txt")).IsFailure(2, "--cased and --lower-case");

    [Theory]
    [InlineData("bpe", "BPE", 1.2752)]
    [InlineData("unigram", "Unigram", 1.5828)]
    public void TrainVocabulary_KindsOnWikiText_SpendNoMoreTokensThanTheBestOfTheKind(string type, string model, double best)
    {
        var data = TestFiles.Shared("data", "wikitext-2-test.txt");
        var evaluation = TestFiles.Shared("data", "wikitext-2-valid.txt");

        var result = Tool.Run(
            "train-vocabulary", "--type", type, "--data", data, "--eval-data", evaluation, "--output", models.At(type), "--json").Object;

        Assert.Equal((model, 8000), (result.GetProperty("type").GetString(), result.GetProperty("size").GetInt32()));
        Assert.InRange(result.GetProperty("tokens_per_word").GetDouble(), 1, best); // ../shared/golden/vocabulary-trainers.json
    }

    [Theory]
    [InlineData("wordpiece")]
    [InlineData("bpe")]
    [InlineData("unigram")]
    public void TrainVocabulary_Directory_IsAModelForTokenizeAndATokenizerForPretrain(string type)
    {
        var (tokenizer, run) = (models.At("tokenizer-" + type), models.At("run-" + type));
        Tool.Run("train-vocabulary", "--type", type, "--data", models.Text, "--size", "300", "--special-tokens", "<a>,<b c>", "--output",
            tokenizer).IsDone();

        var tokens = Tool.Run("tokenize", "--model", tokenizer, "--json", "the cat <b c>").Object.GetProperty("tokens").EnumerateArray()
            .Select(token => token.GetString()).ToList();
        Assert.Contains("<b c>", tokens);
        Assert.Equal(
            Tool.Run("tokenize", tokenizer, "--json", "the cat").IsDone().Output,
            Tool.Run("tokenize", "--tokenizer", tokenizer, "--json", "the cat").IsDone().Output);

        string[] pretrain =
            ["pretrain", "--data", models.Text, "--tokenizer", tokenizer, "--architecture", "modernbert", "--size", "tiny", "--block", "16",
                "--batch", "4", "--save-every", "2", "--precision", "fp32", "--device", "cpu", "--output", run, "--json"];
        Tool.Run([.. pretrain, "--max-steps", "2"]).IsDone();
        Tool.Run([.. pretrain, "--max-steps", "4", "--resume", "--allow-changes-on-resume"]).IsDone();
        var mask = type == "wordpiece" ? "[MASK]" : "<mask>";
        var filled = Tool.Run("fill-mask", "--model", run, "--json", $"the {mask} sat").Object.GetProperty("masks");
        Assert.Equal(5, filled[0].GetArrayLength());
        Assert.All(filled[0].EnumerateArray(), candidate =>
            Assert.DoesNotContain(candidate.GetProperty("token_str").GetString()!, "\u0120\u2581", StringComparison.Ordinal));
        Assert.Equal(
            Tool.Run("tokenize", run, "--json", "the cat").IsDone().Output,
            Tool.Run("tokenize", tokenizer, "--json", "the cat").IsDone().Output);
    }

    [Fact]
    public void TrainVocabulary_PiecesOfOtherKinds_AreRefused()
    {
        Tool.Run("train-vocabulary", "--type", "bpe", "--data", models.Text, "--output", models.At("b.txt"))
            .IsFailure(2, "holds pieces alone, which is no bpe vocabulary");
        Tool.Run("train-vocabulary", "--type", "sentencepiece", "--data", models.Text, "--output", models.At("b"))
            .IsFailure(2, "--type must be wordpiece, bpe or unigram");
        Tool.Run("train-vocabulary", "--type", "bpe", "--size", "200", "--data", models.Text, "--output", models.At("b"))
            .IsFailure(2, "--size must be more than the 261 pieces");
        Tool.Run("train-vocabulary", "--special-tokens", "a,,b", "--data", models.Text, "--output", models.At("b"))
            .IsFailure(2, "--special-tokens must each be a text of one line");
        Assert.False(Path.Exists(models.At("b")));
    }

    [Fact]
    public void TrainVocabulary_DirectoryOfAModel_IsLeftAlone()
    {
        var model = models.Copy(models.Bert, "not-mine");
        Tool.Run("train-vocabulary", "--data", models.Text, "--output", model)
            .IsFailure(2, "holds more than a tokenizer (config.json, \u2026)");
        var file = models.At("plain");
        File.WriteAllText(file, "a");
        Tool.Run("train-vocabulary", "--data", models.Text, "--output", file).IsFailure(2, "is a file, where a directory is to be written");
        Assert.Equal("a", File.ReadAllText(file));
    }

    [Fact]
    public void TrainVocabulary_DirectoryOfAnotherKind_HoldsTheNewOneAlone()
    {
        var output = models.At("again");
        Tool.Run("train-vocabulary", "--data", models.Text, "--size", "60", "--output", output).IsDone();
        Assert.True(File.Exists(Path.Combine(output, "vocab.txt")));
        Tool.Run("train-vocabulary", "--type", "unigram", "--data", models.Text, "--size", "60", "--output", output).IsDone();
        Assert.False(File.Exists(Path.Combine(output, "vocab.txt")));
        Tool.Run("tokenize", output, "the cat").IsDone();
    }
}
