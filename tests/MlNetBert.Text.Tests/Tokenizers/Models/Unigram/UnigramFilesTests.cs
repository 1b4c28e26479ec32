using System.Text;
using System.Text.Json.Nodes;

namespace MlNetBert.Text.Tests.Tokenizers.Models.Unigram;

/// <summary>The section of a unigram model in tokenizer.json, and what is refused of it.</summary>
public sealed class UnigramFilesTests
{
    [Theory]
    [InlineData("vocab", """[["<unk>",0],["a"]]""", "'model.vocab[1]' must be a piece and its score")]
    [InlineData("vocab", """[["<unk>",0],["a",-1,2]]""", "'model.vocab[1]' must be a piece and its score")]
    [InlineData("vocab", """[["<unk>",0],["a","b"]]""", "'model.vocab[1][1]' must be a finite number")]
    [InlineData("vocab", """[["<unk>",0],["a",1e999]]""", "'model.vocab[1][1]' must be a finite number")]
    [InlineData("vocab", """[["<unk>",0],[1,1]]""", "'model.vocab[1][0]' must be a string")]
    [InlineData("vocab", """{"<unk>":0,"a":1}""", "'model.vocab' must be an array")]
    [InlineData("unk_id", "7", "'model.unk_id' is 7, but the vocabulary has 4 pieces")]
    [InlineData("unk_id", "-1", "'model.unk_id' is -1")]
    [InlineData("unk_id", "\"<unk>\"", "'model.unk_id' must be a whole number")]
    [InlineData("byte_fallback", "1", "'model.byte_fallback' must be true or false")]
    public void FromFiles_AMemberThatCannotBe_IsRefusedByItsPath(string member, string json, string fault)
    {
        var exception = Assert.Throws<TokenizerFormatException>(() => Open(model => model[member] = JsonNode.Parse(json)));
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("tokenizer.json", exception.FilePath, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFiles_NoVocabulary_IsRefused() => Assert.Contains(
        "'model.vocab' is missing", Assert.Throws<TokenizerFormatException>(() => Open(model => model.Remove("vocab"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void FromFiles_NoUnknownToken_RefusesOnlyWhatCannotBeSpelled()
    {
        SubwordTokenizer tokenizer = Open(model => model["unk_id"] = null);
        Assert.Null(tokenizer.SpecialTokens.UnknownTokenId);
        Assert.Equal([1, 2], tokenizer.EncodeToIds("ab"));
        Assert.Contains(
            "'x'", Assert.Throws<InvalidOperationException>(() => tokenizer.EncodeToIds("ax")).Message, StringComparison.Ordinal);
        Assert.Contains("\"unk_id\": null", Encoding.UTF8.GetString(tokenizer.ToFiles()["tokenizer.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void FromFiles_APieceTwice_LeavesAnIdWithoutPiece()
    {
        SubwordTokenizer tokenizer = Open(model => model["vocab"] = JsonNode.Parse("""[["<unk>",0],["a",-1],["b",-2],["a",-3]]"""));
        Assert.Equal([3, 2], tokenizer.EncodeToIds("ab"));
        Assert.Equal(["<unk>", string.Empty, "b", "a"], tokenizer.Vocabulary);
        Assert.Equal("b", tokenizer.Decode([1, 2]));
    }

    [Fact]
    public void FromFiles_AnUnknownTokenOfAnotherName_IsKeptAndTheModelsCounts()
    {
        SubwordTokenizer tokenizer = Open(_ => { }, """{"unk_token":"b","do_lower_case":true,"keep_accents":false}""");
        Assert.Equal(0, tokenizer.SpecialTokens.UnknownTokenId);
        var saved = JsonNode.Parse(tokenizer.ToFiles()["tokenizer_config.json"])!.AsObject();
        Assert.Equal("b", (string?)saved["unk_token"]);
        Assert.Equal((true, false), ((bool)saved["do_lower_case"]!, (bool)saved["keep_accents"]!));
    }

    private static SubwordTokenizer Open(Action<JsonObject> edit, string configuration = "{}")
    {
        var json = JsonNode.Parse("""
            {"added_tokens":[],"normalizer":{"type":"NFKC"},"pre_tokenizer":null,"post_processor":null,"decoder":{"type":"Fuse"},
             "model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1],["b",-2],["ab",-9]],"byte_fallback":false}}
            """)!.AsObject();
        edit(json["model"]!.AsObject());
        var files = new Dictionary<string, string> { ["tokenizer.json"] = json.ToJsonString(), ["tokenizer_config.json"] = configuration };
        return SubwordTokenizer.FromFiles(
            name => files.TryGetValue(name, out string? text) ? new MemoryStream(Encoding.UTF8.GetBytes(text)) : null, "files");
    }
}
