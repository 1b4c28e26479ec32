using MlNetBert.Embeddings;
using MlNetBert.Tests.Common;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Embeddings;

public sealed class WordsOfMarkedBlanksTests
{
    [Theory]
    [InlineData("""{"type":"BPE","unk_token":"<unk>","vocab":{"<unk>":0,"▁":1,"a":2,"b":3,"»":4,"<pad>":5,"▁a":6},"merges":["▁ a"]}""")]
    [InlineData("""{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["▁",-2],["a",-2],["b",-2],["»",-2],["<pad>",0],["▁a",-3]]}""")]
    public void Embed_ATextWithMarksOfBlanksAlone_GivesItsWordsWithoutBlanks(string section)
    {
        using var directory = new TemporaryDirectory();
        foreach (var file in Directory.EnumerateFiles(SharedFiles.Find("golden", "models", "bert-encoder")))
            File.Copy(file, Path.Combine(directory.Path, Path.GetFileName(file)));
        const string Padding = """{"id":5,"content":"<pad>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}""";
        File.WriteAllText(
            Path.Combine(directory.Path, "tokenizer.json"),
            $$"""{"added_tokens":[{{Padding}}],"truncation":null,"padding":null,"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"},"normalizer":null,"post_processor":null,"decoder":null,"model":{{section}}}""");
        File.WriteAllText(Path.Combine(directory.Path, "tokenizer_config.json"), """{"pad_token":"<pad>"}""");
        using var model = PretrainedModel.FromDirectory(directory.Path);

        var tokens = new TokenEmbedder(model, new TokenEmbeddingOptions { Unit = TokenUnit.Word }).Embed("ab» ba  ab ");

        Assert.Equal(["ab", "»", "ba", "ab"], tokens.Tokens);
        Assert.Equal([(0, 2), (2, 3), (4, 6), (8, 10)], tokens.Offsets.Select(place => (place.Start, place.End)));
        Assert.Equal(4 * model.Config.HiddenSize, tokens.Vectors.Length);
    }
}
