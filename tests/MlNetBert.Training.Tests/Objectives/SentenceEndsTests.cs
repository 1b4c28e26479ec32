using MlNetBert.Training.Objectives;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Objectives;

public class SentenceEndsTests
{
    private static readonly SubwordTokenizer Words = SubwordTokenizer.FromVocabulary(
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "!", ")", "。", "\"", "w1", "w2", "3", "14"]);

    [Theory]
    [InlineData("He said \"Go away.\"| Then he left.|")]
    [InlineData("He left.| \"Go\" she said.|")]
    [InlineData("He said \" Go away . \"| Then")] // as WikiText has it
    [InlineData("In the U.S.| it rains.|")]
    [InlineData("It is 3.14.| 5 is more.|")]
    [InlineData("(He left.)| She came.|")]
    [InlineData("你好。|再见。|不")]
    [InlineData("你好。」|再见")]
    public void Find_InVocabulariesThatMarkBlanks_IsWhereTheTextHasThem(string sentences)
    {
        foreach (var name in (string[])["gpt2", "roberta", "llama3", "llama2", "unigram-bytes"])
        {
            var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", name));
            int[] tokens = [.. tokenizer.EncodeToIds(sentences.Replace("|", "", StringComparison.Ordinal))];
            var ends = new List<int>();

            new SentenceEnds(tokenizer).Find(tokens, ends);

            int[] cuts = [0, .. ends, tokens.Length];
            var found = cuts.Zip(cuts.Skip(1), (start, end) => tokenizer.Decode(tokens[start..end]).Trim());
            Assert.Equal($"{name}: " + sentences.Replace("| ", "|", StringComparison.Ordinal), $"{name}: " + string.Join('|', found));
        }
    }

    [Theory]
    [InlineData("w1 . w2", "2")]
    [InlineData("w1 w2", "")]
    [InlineData("w1 .", "2")]
    [InlineData("w1 . . . w2", "4")]
    [InlineData("w1 ! ) w2", "3")]
    [InlineData("w1 。 w2", "2")]
    [InlineData("3 . 14", "")]
    [InlineData("w1 \" w2 . \" w1", "5")]
    [InlineData("w1 . \" w2 \" .", "2 6")]
    [InlineData("\" w1 . w2 . \" w1", "3 6")]
    public void Find_InVocabulariesOfWords_IsBehindMarksAndWhatCloses(string text, string expected)
    {
        var ends = new List<int>();

        new SentenceEnds(Words).Find([.. Words.EncodeToIds(text)], ends);

        Assert.Equal(expected, string.Join(' ', ends));
    }
}
