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
}
