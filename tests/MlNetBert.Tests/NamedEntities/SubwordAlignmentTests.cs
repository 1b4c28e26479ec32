using MlNetBert.Models;
using MlNetBert.NamedEntities;
using MlNetBert.Tests.Support;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Tests.NamedEntities;

public class SubwordAlignmentTests
{
    private static readonly SubwordTokenizer Tokenizer = SubwordTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "new", "york", "##er", "'", "s", "x"]);

    [Fact]
    public void Split_AnyText_GivesItsWordsInUtf16Units()
    {
        var sentence = SentenceWords.Split(" 👋 New\tYork\u00A0er ");

        Assert.Equal(["👋", "New", "York", "er"], Enumerable.Range(0, sentence.Words.Count).Select(i => sentence[i]));
        Assert.Equal(new TokenOffset(1, 3), sentence.Words[0]);
        Assert.Empty(SentenceWords.Split("  \n").Words);
    }

    [Fact]
    public void Join_OfWords_PutsASpaceBetweenThem()
    {
        var sentence = SentenceWords.Join(["New", "", "York"]);

        Assert.Equal("New  York", sentence.Text);
        Assert.Equal([new TokenOffset(0, 3), new TokenOffset(4, 4), new TokenOffset(5, 9)], sentence.Words);
    }

    [Fact]
    public void Locate_OfAnEntity_GivesItsTextAndPlace()
    {
        var sentence = SentenceWords.Split("In 👋 New  York, he");

        Assert.Equal(new NamedEntity("loc", "New  York,", 6, 16), sentence.Locate(new EntitySpan("loc", 2, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => sentence.Locate(new EntitySpan("loc", 4, 6)));
        Assert.Throws<ArgumentOutOfRangeException>(() => sentence.Locate(new EntitySpan("loc", 1, 1)));
    }

    [Fact]
    public void Labels_OfWordsWithSeveralPieces_StandAtFirstPiecesOnly()
    {
        var pieces = SubwordAlignment.Create(Tokenizer, SentenceWords.Join(["Yorker's", "", "x"]), limit: 10);

        Assert.Equal(["york", "##er", "'", "s", "x"], pieces.Ids.Select(id => Tokenizer.Vocabulary[id]));
        Assert.Equal([0, -1, 4], pieces.FirstPieces);
        Assert.Equal(2, pieces.LabeledWords);
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(pieces.IsUnread));
        const long None = Losses.IgnoredLabel;
        Assert.Equal([None, 7, None, None, None, 9, None, None, None], pieces.Labels([7, 8, 9], Tokenizer.Template, 9));
        Assert.Equal([None, None, None, None, None, 9, None], pieces.Labels([-1, 8, 9], Tokenizer.Template, 7));
    }

    [Fact]
    public void Create_SentenceOverTheLimit_LeavesTheRestWithoutLabels()
    {
        var pieces = SubwordAlignment.Create(Tokenizer, SentenceWords.Join(["x", "Yorker", "x", "x"]), limit: 2);

        Assert.Equal(["x", "york"], pieces.Ids.Select(id => Tokenizer.Vocabulary[id]));
        Assert.Equal([0, 1, -1, -1], pieces.FirstPieces);
        Assert.DoesNotContain(true, Enumerable.Range(0, 4).Select(pieces.IsUnread)); // beyond the limit
        Assert.Equal([Losses.IgnoredLabel, 1, 2, Losses.IgnoredLabel], pieces.Labels([1, 2, 3, 4], Tokenizer.Template, 4));
    }

    [Theory]
    [InlineData("gpt2", "Ġ")] // add_prefix_space is false
    [InlineData("modernbert", "Ġ")]
    [InlineData("llama3", "Ġ")]
    [InlineData("roberta", "Ġ")] // true
    [InlineData("xlmr", "▁")]
    public void Create_WordsOfATokenizerThatMarksBlanks_HaveTheirMark(string name, string expected)
    {
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", name));
        var pieces = SubwordAlignment.Create(tokenizer, SentenceWords.Split("EU x EU"), limit: 100);

        var whole = tokenizer.EncodeToIds("EU x EU");
        Assert.Equal(whole[^(pieces.Ids.Count - pieces.FirstPieces[1])..], pieces.Ids.Skip(pieces.FirstPieces[1]));
        Assert.All([0, 2], word =>
            Assert.StartsWith(expected, tokenizer.Vocabulary[pieces.Ids[pieces.FirstPieces[word]]], StringComparison.Ordinal));
    }

    [Fact]
    public void Create_AnAddedTokenAmongTheWords_IsThatTokenAlone()
    {
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", "gpt2"));
        var pieces = SubwordAlignment.Create(tokenizer, SentenceWords.Split("EU <|endoftext|> EU"), limit: 100);

        Assert.Equal("<|endoftext|>", tokenizer.Vocabulary[pieces.Ids[pieces.FirstPieces[1]]]);
        Assert.Equal(pieces.FirstPieces[1] + 1, pieces.FirstPieces[2]);
    }

    [Fact]
    public void Labels_OfAnotherNumber_AreRefused()
    {
        var pieces = SubwordAlignment.Create(Tokenizer, SentenceWords.Join(["x", "x"]), limit: 10);

        Assert.Contains("2 words", Assert.Throws<ArgumentException>(() => pieces.Labels([1], Tokenizer.Template, 4)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => pieces.Labels([1, 2], Tokenizer.Template, 3));
    }
}
