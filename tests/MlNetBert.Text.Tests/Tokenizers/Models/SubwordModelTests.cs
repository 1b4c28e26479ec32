using System.Text;
using System.Text.Json.Nodes;

namespace MlNetBert.Text.Tests.Tokenizers.Models;

/// <summary>Model sections as tokenizers wrote them before they had a type.</summary>
public sealed class SubwordModelTests
{
    [Theory]
    [InlineData("gpt2", "BPE")]
    [InlineData("roberta", "BPE")]
    [InlineData("xlmr", "Unigram")]
    public void Read_ASectionWithoutType_IsKnownByItsMembers(string name, string type)
    {
        SubwordTokenizer tokenizer = Untyped(name);
        Assert.Equal(type, tokenizer.ModelType);
        GoldenTokenizer.AssertEqual(tokenizer, name);
    }

    [Fact]
    public void Read_WordPieceWithoutType_IsWordPieceWhereItHasTheMembersThatWordLevelLacks()
    {
        const string Common = """ "unk_token":"[UNK]","vocab":{"[UNK]":0,"a":1,"##b":2} """;
        SubwordTokenizer tokenizer = Open(""" "continuing_subword_prefix":"##","max_input_chars_per_word":100, """ + Common);
        Assert.Equal("WordPiece", tokenizer.ModelType);
        Assert.Equal([1, 2], tokenizer.EncodeToIds("ab"));
        string message = Assert.Throws<TokenizerFormatException>(() => Open(Common)).Message;
        Assert.Contains("'model.type' is missing", message, StringComparison.Ordinal);
        Assert.Contains("WordLevel", message, StringComparison.Ordinal);
    }

    private static SubwordTokenizer Untyped(string name)
    {
        string directory = SharedFiles.Path($"golden/subwords/{name}");
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "tokenizer.json")))!;
        JsonObject model = json["model"]!.AsObject();
        model.Remove("type");
        if (model.ContainsKey("merges"))
            (model["continuing_subword_prefix"], model["end_of_word_suffix"]) = (string.Empty, string.Empty);
        return SubwordTokenizer.FromFiles(
            file => string.Equals(file, "tokenizer.json", StringComparison.Ordinal)
                ? new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString()))
                : File.Exists(Path.Combine(directory, file)) ? File.OpenRead(Path.Combine(directory, file)) : null,
            name);
    }

    private static SubwordTokenizer Open(string model)
    {
        string json = """
            {"added_tokens":[],"normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":null,"model":{
            """ + model + "}}";
        return SubwordTokenizer.FromFiles(
            file => string.Equals(file, "tokenizer.json", StringComparison.Ordinal) ? new MemoryStream(Encoding.UTF8.GetBytes(json)) : null,
            "model");
    }
}
