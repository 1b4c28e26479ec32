using MlNetBert.QuestionAnswering;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Tests.QuestionAnswering;

public sealed class AnswerSearchTests
{
    private const string Context = "aa bb cc dd bb";

    /// <summary>Five tokens in two windows that share one, behind [CLS] and [SEP].</summary>
    private static readonly ContextWindows Windows = new(
        [new EncodedText([1, 2, 3, 4, 5, 2]), new EncodedText([1, 2, 5, 6, 4, 2])], [0..3, 2..5], [new(0, 2), new(3, 5), new(6, 8), new(9, 11), new(12, 14)], 2, false);

    [Fact]
    public void Find_OverAllWindows_GivesTheBestSpanWithSoftmaxScores()
    {
        // The best start lies behind the best end of its window, and [CLS] is better than all: neither is an answer.
        SpanScores[] scores = [new([99, 0, 0, 1, 5, 0], [99, 0, 4, 1, 0, 0]), new([99, 0, 0, 6, 0, 0], [99, 0, 0, 0, 3, 0])];

        var found = AnswerSearch.Find(Windows, scores, Context, 3, 30);

        Assert.Equal("dd bb", found[0].Text);
        Assert.Equal(9, found[0].Start);
        Assert.Equal(found.Select(f => f.Score).OrderDescending(), found.Select(f => f.Score));
        // All ten spans by hand: sums of the starts and ends that a window holds.
        double[] sums = [4, 1, 0, 2, 1, 5, 0, 3, 6, 9, 3];
        Assert.Equal(Math.Exp(9) / sums.Sum(Math.Exp), found[0].Score, 1e-3);
    }

    [Fact]
    public void Find_OfSpansThatSayTheSame_KeepsTheBest()
    {
        SpanScores[] scores = [new([0, 0, 0, 8, 0, 0], [0, 0, 0, 8, 0, 0]), new([0, 0, 0, 0, 9, 0], [0, 0, 0, 0, 9, 0])];

        var found = AnswerSearch.Find(Windows, scores, Context, 10, 1);

        Assert.Equal(["bb", "aa", "cc", "dd"], found.Select(f => f.Text));
        Assert.Equal(12, found[0].Start);
    }

    [Theory]
    [InlineData("debertav2")]
    [InlineData("modernbert")]
    [InlineData("gpt2")]
    public void Find_PlacesThatHoldTheBlankBefore_GivesAnswersWithoutBlanks(string tokenizer)
    {
        const string Text = "Paris is the capital of France.";
        var encoding = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", tokenizer))
            .Encode(Text, options: new EncodeOptions { AddSpecialTokens = false });
        var index = encoding.Offsets.Index().First(offset => offset.Item.Start < 13 && offset.Item.End > 13).Index;
        var last = encoding.Offsets.Index().Last(offset => offset.Item.Start < 19).Index;
        Assert.Equal(" capital", Text[encoding.Offsets[index].Start..encoding.Offsets[last].End]);
        var windows = new ContextWindows([new EncodedText([.. encoding.Ids])], [0..encoding.Count], encoding.Offsets, 0, false);
        var (starts, ends) = (new float[encoding.Count], new float[encoding.Count]);
        (starts[index], ends[last]) = (9, 9);

        var found = AnswerSearch.Find(windows, [new SpanScores(starts, ends)], Text, 1, 30)[0];

        Assert.Equal(("capital", Text.IndexOf("capital", StringComparison.Ordinal)), (found.Text, found.Start));
    }

    [Fact]
    public void Find_TokensOfBlanksAlone_AreNoAnswers()
    {
        var windows = new ContextWindows([new EncodedText([1, 2])], [0..2], [new(0, 2), new(2, 3)], 0, false);

        var found = AnswerSearch.Find(windows, [new SpanScores([0, 9], [0, 9])], "  a", 5, 1);
        var blanks = AnswerSearch.Find(windows, [new SpanScores([9, 0], [9, 0])], "  a", 5, 1);

        Assert.Equal(("a", 2), (found[0].Text, found[0].Start));
        Assert.Equal("a", Assert.Single(blanks).Text);
    }

    [Fact]
    public void Find_OfLongAnswers_StaysWithinTheLimit()
    {
        SpanScores[] scores = [new([0, 0, 9, 0, 0, 0], [0, 0, 0, 0, 9, 0]), new([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0])];
        Assert.Equal("aa bb cc", AnswerSearch.Find(Windows, scores, Context, 1, 3)[0].Text);
        Assert.DoesNotContain(AnswerSearch.Find(Windows, scores, Context, 10, 2), f => f.Text.Length > 5);
    }

    [Fact]
    public void Find_InAnEmptyContext_FindsNothing()
    {
        var empty = new ContextWindows([new EncodedText([1, 2, 2])], [0..0], Array.Empty<TokenOffset>(), 2, false);
        Assert.Empty(AnswerSearch.Find(empty, [new SpanScores([1, 1, 1], [1, 1, 1])], "", 3, 30));
    }
}
