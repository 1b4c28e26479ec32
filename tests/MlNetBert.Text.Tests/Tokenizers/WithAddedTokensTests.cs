namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class WithAddedTokensTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mlnetbert-added-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("gpt2")]
    [InlineData("roberta-files")]
    [InlineData("llama2")]
    [InlineData("unigram")]
    [InlineData("xlmr-files")]
    [InlineData("albert")]
    [InlineData("debertav2-files")]
    public void WithAddedTokens_OfEveryKind_GivesTheNextIdsAndSurvivesItsFiles(string name)
    {
        SubwordTokenizer tokenizer = GoldenTokenizer.Open(name);
        int count = tokenizer.Vocabulary.Count;

        SubwordTokenizer added = tokenizer.WithAddedTokens(["<extra_id_1>", tokenizer.Vocabulary[5], "<extra_id_0>"]);

        Assert.Equal(["<extra_id_1>", "<extra_id_0>"], added.Vocabulary.Skip(count));
        Assert.Equal(tokenizer.Vocabulary, added.Vocabulary.Take(count));
        added.Save(_directory.FullName);
        SubwordTokenizer read = SubwordTokenizer.FromDirectory(_directory.FullName);
        foreach (SubwordTokenizer both in new[] { added, read })
        {
            Assert.Equal(added.Fingerprint, both.Fingerprint);
            Assert.Equal(added.Vocabulary, both.Vocabulary);
            Assert.True(both.IsSpecial(count) && both.IsSpecial(count + 1));
            Assert.Equal(tokenizer.EncodeToIds("A house by the sea."), both.EncodeToIds("A house by the sea."));
            Assert.Contains(count + 1, both.EncodeToIds("A <extra_id_0> by the sea."));
            Assert.Equal(tokenizer.SpecialTokens, both.SpecialTokens);
        }

        Assert.NotEqual(tokenizer.Fingerprint, added.Fingerprint);
    }
}
