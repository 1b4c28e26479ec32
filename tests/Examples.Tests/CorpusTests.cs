using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Quickstart;

namespace Examples.Tests;

public sealed class CorpusTests
{
    private static readonly Corpus Corpus = new();

    [Fact]
    public void Sentences_OfTheCorpus_AreFourThousandOrMoreAndDistinct()
    {
        Assert.True(Corpus.Sentences.Count >= 4_000, $"{Corpus.Sentences.Count} sentences");
        Assert.Equal(Corpus.Sentences.Count, Corpus.Sentences.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Sentences_WrittenTwice_AreTheSameInTheSameOrder() => Assert.Equal(Corpus.Sentences, new Corpus().Sentences);

    [Fact]
    public void Sentences_OnEveryMachine_HaveTheDigestWrittenHere()
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Corpus.Sentences)));
        Assert.Equal("59c2b160b7d029a4", Convert.ToHexStringLower(digest)[..16]);
    }

    [Fact]
    public void Sentences_WithAnyWordInAQuestionsGap_DoNotOccur()
    {
        Assert.Equal(6, Question.All.Count);
        foreach (var question in Question.All)
        {
            Assert.Contains("[MASK]", question.Text, StringComparison.Ordinal);
            Assert.True(question.IsAnsweredBy(question.Text.Replace("[MASK]", question.Answers[0], StringComparison.Ordinal)));
            Assert.DoesNotContain(Corpus.Sentences, question.IsAnsweredBy);
        }
    }

    [Theory]
    [InlineData(@"^The (?!cat)\w+ (sits|sleeps|rests|lies) on the mat\.$")]
    [InlineData(@"^The cat (sits|sleeps|rests|lies) on the (?!mat)\w+\.$")]
    [InlineData(@"^(?!Deep)\w+ has advanced the state of the art\.$")]
    [InlineData(@"^Rome is the capital of Italy\.$")]
    [InlineData(@"^The capital of France is Paris\.$")]
    [InlineData(@"^A saw is used to cut wood\.$")]
    [InlineData(@"^The hammer drives nails\.$")]
    [InlineData(@"^People in \w+ speak \w+\.$")]
    [InlineData(@"^In the evening the \w+ (sat|slept|lay) on the \w+\.$")]
    public void Sentences_OfAQuestionsShapeOrFact_Occur(string pattern) =>
        Assert.Contains(Corpus.Sentences, s => Regex.IsMatch(s, pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)));

    [Fact]
    public void Training_AndHeldOut_ShareNoSentence()
    {
        Assert.Equal(Corpus.Sentences.Count, Corpus.Training.Count + Corpus.HeldOut.Count);
        Assert.Empty(Corpus.Training.Intersect(Corpus.HeldOut, StringComparer.Ordinal));
        Assert.InRange(Corpus.HeldOut.Count, 200, 400);
    }

    [Fact]
    public void Countries_OfTheTable_AreSixtyOrMoreWithOneCapitalEach()
    {
        var countries = FactTable.Embedded("countries");
        var capitals = Enumerable.Range(0, countries.Count).Select(row => countries[row, "capital"]).ToList();
        Assert.True(capitals.Count >= 60);
        Assert.Equal(capitals.Count, capitals.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Item_WithAnUnknownColumn_NamesTheColumnsThereAre()
    {
        var exception = Assert.Throws<ArgumentException>(() => FactTable.Embedded("cities")[0, "river"]);
        Assert.Contains("city, country", exception.Message, StringComparison.Ordinal);
        Assert.Contains("river", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sentences_OfAShapeWithALimit_AreThatManyAndKeepTheArticleRight()
    {
        var shape = SentenceShape.Parse("7 | {persons.person} buys {a:tools.tool}.");
        var sentences = shape.Sentences(FactTable.Embedded).ToList();
        Assert.Equal(7, sentences.Count);
        Assert.All(SentenceShape.Parse("all | {a:tools.tool}.").Sentences(FactTable.Embedded), s => Assert.Matches("^(A [^aeiou]|An [aeiou])", s));
    }
}
