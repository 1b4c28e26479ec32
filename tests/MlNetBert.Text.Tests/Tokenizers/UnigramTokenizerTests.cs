using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.Unigram;

namespace MlNetBert.Text.Tests.Tokenizers;

public sealed class UnigramTokenizerTests
{
    [Fact]
    public void Scores_OfATokenizerThatIsReadAgain_AreThoseOfItsModel()
    {
        KeyValuePair<string, double>[] pieces = [new("<unk>", 0), new("a", -1.5), new("ab", -2.25), new("b", -3)];
        SubwordTokenizer made = SubwordTokenizer.Create(new TokenizerPipeline { Model = new UnigramModel(pieces, 0) });
        IReadOnlyDictionary<string, byte[]> files = made.ToFiles();

        SubwordTokenizer read = SubwordTokenizer.FromFiles(
            name => files.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "saved");

        Assert.Equal(pieces, Assert.IsType<UnigramTokenizer>(made).Scores);
        Assert.Equal(pieces, Assert.IsType<UnigramTokenizer>(read).Scores);
    }
}
