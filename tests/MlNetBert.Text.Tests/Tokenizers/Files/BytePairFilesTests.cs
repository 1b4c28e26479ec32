using System.Text;
using System.Text.Json.Nodes;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.Files;

/// <summary>Byte-pair tokenizers from their files, and what is wrong with files.</summary>
public sealed class BytePairFilesTests
{
    private const string Gpt2 = """{"tokenizer_class":"GPT2Tokenizer"}""";

    [Fact]
    public void FromFiles_MergesAsStringsWithAHeader_GiveTheSame()
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("Ġ a", "# #", "## #");
        JsonNode json = Json(tokenizer);
        json["model"]!["merges"] = new JsonArray("#version: 0.2", "Ġ a", "# #", "## #");
        SubwordTokenizer other = Open(new() { ["tokenizer.json"] = json.ToJsonString() });
        Assert.Equal(tokenizer.EncodeToIds("a ### b"), other.EncodeToIds("a ### b"));
        Assert.Contains("###", other.Encode("x###").Tokens);
    }

    [Theory]
    [InlineData("#version: 0.2\na b\n# #\n## #\n")]
    [InlineData("a b\n# #\n## #")]
    [InlineData("a b\r\n# #\r\n## #\r\n\r\n")]
    public void FromFiles_MergesTxt_HasAHeaderOnlyInItsFirstLine(string merges)
    {
        SubwordTokenizer tokenizer = Open(Files(["<|endoftext|>", "a", "b", "#", "ab", "##", "###"], merges, Gpt2));
        Assert.Equal([4, 5, 6], tokenizer.EncodeToIds("ab#####"));
        Assert.Equal(0, tokenizer.SpecialTokens.EndOfTextTokenId);
        Assert.Null(tokenizer.SpecialTokens.MaskTokenId);
        Assert.Contains(
            "mask token",
            Assert.Throws<InvalidOperationException>(() => tokenizer.SpecialTokens.Require(SpecialTokenRole.Mask, "Filling masks")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b\na  b\n", "merges.txt: line 2 must be two pieces with one blank between them, but is 'a  b'")]
    [InlineData("a b\n\na b\n", "merges.txt: line 2 must be two pieces")]
    [InlineData("a c\n", "merges.txt: line 1 merges 'a' with 'c', but 'c' is not in the vocabulary")]
    [InlineData("b a\n", "merges.txt: line 1 merges 'b' with 'a', but 'ba' is not in the vocabulary")]
    public void FromFiles_AFaultyMerge_NamesFileAndLine(string merges, string fault) =>
        AssertRefused(Files(["a", "b", "ab"], merges, Gpt2), fault);

    [Fact]
    public void FromFiles_OlderFilesThatLackSomething_SayWhat()
    {
        Dictionary<string, string> files = Files(["a"], "", Gpt2);
        files.Remove("merges.txt");
        AssertRefused(files, "vocab.json needs merges.txt beside it");
        files = Files(["a"], "", "{}");
        AssertRefused(files, "does not tell what it is of. Say GPT2Tokenizer or RobertaTokenizer as 'tokenizer_class'");
        files["config.json"] = """{"model_type":"gpt2"}""";
        Assert.Equal([0], Open(files).EncodeToIds("a"));
        AssertRefused(Files(["a"], "", """{"tokenizer_class":"CLIPTokenizer"}"""), "'tokenizer_class' is CLIPTokenizer, which is not supported without");
        AssertRefused(Files(["a"], "", """{"tokenizer_class":"RobertaTokenizerFast"}"""), "must have '<s>', the cls_token of RoBERTa's");
    }

    [Theory]
    [InlineData("dropout", "0.1", "'model.dropout' leaves merges out at random")]
    [InlineData("merges", """["a b","a  b"]""", "'model.merges[1]' must be two pieces with one blank between them, but is 'a  b'")]
    [InlineData("merges", """[["a","b","c"]]""", "'model.merges[0]' must be two pieces")]
    [InlineData("merges", """[["a","x"]]""", "'model.merges[0]' merges 'a' with 'x', but 'x' is not in the vocabulary")]
    [InlineData("merges", """[["b","a"]]""", "'model.merges[0]' merges 'b' with 'a', but 'ba' is not")]
    [InlineData("continuing_subword_prefix", "\"##\"", "which does not begin with continuing_subword_prefix")]
    [InlineData("vocab", """{"a":0,"b":-1,"ab":2}""", "'model.vocab.b' must have an id of at least 0")]
    [InlineData("vocab", """{"a":0,"b":0,"ab":2}""", "has the id 0 of")]
    [InlineData("vocab", """{"a":0,"b":2000000,"ab":1}""", "at most 1000000 ids below it without a piece")]
    [InlineData("fuse_unk", "1", "'model.fuse_unk' must be true or false")]
    public void FromFiles_AFaultyModelSection_NamesTheKey(string key, string value, string fault)
    {
        JsonNode json = JsonNode.Parse(
            """
            {"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]},"pre_tokenizer":null,"post_processor":null,
            "added_tokens":[]}
            """)!;
        Assert.Equal([2], Open(new() { ["tokenizer.json"] = json.ToJsonString() }).EncodeToIds("ab"));
        json["model"]![key] = JsonNode.Parse(value);
        AssertRefused(new() { ["tokenizer.json"] = json.ToJsonString() }, fault);
    }

    [Fact]
    public void FromFiles_AVocabularyWithHoles_KeepsItsIds()
    {
        SubwordTokenizer tokenizer = Open(new()
        {
            ["tokenizer.json"] =
                """{"model":{"type":"BPE","vocab":{"a":0,"b":5,"ab":9},"merges":[["a","b"]]},"pre_tokenizer":null,"post_processor":null}""",
        });
        Assert.Equal([9, 5], tokenizer.EncodeToIds("abb"));
        Assert.Equal(10, tokenizer.Vocabulary.Count);
        Assert.Equal("a b", tokenizer.Decode([0, 3, 5]));
    }

    [Fact]
    public void FromFiles_VocabJsonThatContradictsTokenizerJson_IsRefusedUnlessThatWins()
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("Ġ a");
        Dictionary<string, string> files = tokenizer.ToFiles().ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value));
        Assert.Equal(tokenizer.EncodeToIds("a"), Open(files).EncodeToIds("a"));
        files["vocab.json"] = files["vocab.json"].Replace("\"Ġa\"", "\"Ġb\"", StringComparison.Ordinal);
        AssertRefused(files, "vocab.json: 'Ġb' has the id 261, but tokenizer.json lacks it");
        Assert.Equal(tokenizer.EncodeToIds("a"), Open(files, TokenizerPrecedence.TokenizerJson).EncodeToIds("a"));
    }

    [Fact]
    public void FromFiles_AddPrefixSpaceThatContradicts_IsRefusedUnlessOneWins()
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("Ġ a");
        Dictionary<string, string> files = tokenizer.ToFiles().ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value));
        JsonNode configuration = JsonNode.Parse(files["tokenizer_config.json"])!;
        Assert.True(configuration["add_prefix_space"]!.GetValue<bool>());
        configuration["add_prefix_space"] = false;
        files["tokenizer_config.json"] = configuration.ToJsonString();
        AssertRefused(files, "'add_prefix_space' is false, but tokenizer.json says pre_tokenizer.add_prefix_space true");
        Assert.Equal(["Ġa"], Open(files, TokenizerPrecedence.TokenizerJson).Encode("a", options: Plain).Tokens);
        Assert.Equal(["a"], Open(files, TokenizerPrecedence.TokenizerConfig).Encode("a", options: Plain).Tokens);
    }

    [Fact]
    public void ToFiles_OfByteLevel_HasVocabJsonAndMergesTxtThatGiveTheSame()
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("Ġ a", "a b", "# #");
        Dictionary<string, string> files = tokenizer.ToFiles().ToDictionary(file => file.Key, file => Encoding.UTF8.GetString(file.Value));
        Assert.Equal("#version: 0.2\nĠ a\na b\n# #\n", files["merges.txt"]);
        files.Remove("tokenizer.json");
        files["config.json"] = """{"model_type":"roberta"}""";
        JsonNode configuration = JsonNode.Parse(files["tokenizer_config.json"])!;
        configuration.AsObject().Remove("tokenizer_class");
        files["tokenizer_config.json"] = configuration.ToJsonString();
        SubwordTokenizer other = Open(files);
        foreach (string text in new[] { "a ab ## é", "x <mask> y", "" })
        {
            Assert.Equal(tokenizer.Encode(text, "a").Ids, other.Encode(text, "a").Ids);
            Assert.Equal(tokenizer.Encode(text).Offsets, other.Encode(text).Offsets);
        }
    }

    [Fact]
    public void ToFiles_OfWhatTheOlderFilesCannotSay_LacksThem()
    {
        SubwordTokenizer tokenizer = Open(new()
        {
            ["tokenizer.json"] = """{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":null,"post_processor":null}""",
        });
        Assert.DoesNotContain("vocab.json", tokenizer.ToFiles().Keys);
        JsonNode json = Json(BytePairTokenizers.Roberta());
        json["model"]!["vocab"]!["a "] = 261;
        json["model"]!["vocab"]!["a b"] = 262;
        json["model"]!["merges"] = new JsonArray(new JsonArray("a ", "b")); // a blank in a piece
        Assert.DoesNotContain("merges.txt", Open(new() { ["tokenizer.json"] = json.ToJsonString() }).ToFiles().Keys);
    }

    [Theory]
    [InlineData("#version: 0.2\nc d\na b\n", "merge 1 is 'c d', but tokenizer.json has 'a b'")]
    [InlineData("a b\n", "merge 2 is nothing, but tokenizer.json has 'c d'")]
    [InlineData("a b\nc d\nab cd\n", "merge 3 is 'ab cd', but tokenizer.json has nothing")]
    [InlineData("a b\na x\n", "line 2 merges 'a' with 'x', but 'ax' is not in the vocabulary")]
    public void FromFiles_MergesThatContradictTokenizerJson_AreRefusedUnlessItDecides(string merges, string fault)
    {
        SubwordTokenizer tokenizer = BytePairTokenizers.Roberta("a b", "c d", "ab cd");
        JsonNode json = Json(tokenizer);
        json["model"]!["merges"]!.AsArray().RemoveAt(2);
        Dictionary<string, string> files = new() { ["tokenizer.json"] = json.ToJsonString(), ["merges.txt"] = "a b\r\nc d\r\n" };
        IReadOnlyList<int> ids = Open(files).EncodeToIds("abcd");
        files["merges.txt"] = merges;
        AssertRefused(files, fault);
        Assert.Equal(ids, Open(files, TokenizerPrecedence.TokenizerJson).EncodeToIds("abcd"));
    }

    [Fact]
    public void FromFiles_AddedTokensJson_GivesTheirIds()
    {
        Dictionary<string, string> files = Files(["<|endoftext|>", "a", "b"], "", """{"tokenizer_class":"GPT2Tokenizer","pad_token":"[PAD]"}""");
        files["added_tokens.json"] = """{"[PAD]":3,"bb":4}""";
        SubwordTokenizer tokenizer = Open(files);
        Assert.Equal([1, 4, 3], tokenizer.EncodeToIds("abb[PAD]"));
        Assert.Equal(3, tokenizer.SpecialTokens.PaddingTokenId);
        Assert.True(tokenizer.IsSpecial(3) && !tokenizer.IsSpecial(4));
    }

    [Fact]
    public void FromFiles_AddBosAndEosToken_PutsThemAround()
    {
        SubwordTokenizer tokenizer = Open(Files(
            ["<s>", "</s>", "a"], "", """{"tokenizer_class":"GPT2Tokenizer","bos_token":"<s>","eos_token":"</s>","add_bos_token":true,"add_eos_token":true}"""));
        Assert.Equal([0, 2, 1], tokenizer.Encode("a").Ids);
        TokenEncoding pair = tokenizer.Encode("a", "a");
        Assert.Equal([0, 2, 1, 0, 2, 1], pair.Ids);
        Assert.Equal([0, 0, 0, 1, 1, 1], pair.TokenTypeIds);
    }

    [Fact]
    public void EncodeToIds_OverlappingAddedTokens_TakesTheLeftmostThenTheLongest()
    {
        JsonNode json = Json(BytePairTokenizers.Roberta("c d"));
        JsonArray added = json["added_tokens"]!.AsArray();
        string[] tokens = ["ab", "bcd", "ab1", "ab12"];
        for (int i = 0; i < tokens.Length; i++)
            added.Add(new JsonObject { ["id"] = 262 + i, ["content"] = tokens[i], ["special"] = false, ["normalized"] = false });
        json["pre_tokenizer"]!["add_prefix_space"] = false;
        SubwordTokenizer tokenizer = Open(new() { ["tokenizer.json"] = json.ToJsonString() });
        Assert.Equal(["ab", "cd"], tokenizer.Encode("abcd", options: Plain).Tokens);
        Assert.Equal(["x", "ab12", "y", "Ġ", "ab1"], tokenizer.Encode("xab12y ab1", options: Plain).Tokens);
        Assert.Equal(["A", "</s>", "B", "</s>", "C"], tokenizer.Encode("A</s>B</s>C", options: Plain).Tokens);
        Assert.Equal(["ab", "ab"], tokenizer.Encode("abab", options: Plain).Tokens);
        string far = "ab" + new string('x', 70_000) + "</s>";
        TokenEncoding encoding = tokenizer.Encode(far, options: Plain);
        Assert.Equal((70_002, "ab", "</s>"), (encoding.Count, encoding.Tokens[0], encoding.Tokens[^1]));
        Assert.Equal((70_002, 70_006), (encoding.Offsets[^1].Start, encoding.Offsets[^1].End));
    }

    private static EncodeOptions Plain { get; } = new() { AddSpecialTokens = false };

    private static Dictionary<string, string> Files(string[] pieces, string merges, string configuration) => new()
    {
        ["vocab.json"] = new JsonObject(pieces.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id))).ToJsonString(),
        ["merges.txt"] = merges,
        ["tokenizer_config.json"] = configuration,
    };

    private static JsonNode Json(SubwordTokenizer tokenizer) => JsonNode.Parse(tokenizer.ToFiles()["tokenizer.json"])!;

    private static SubwordTokenizer Open(Dictionary<string, string> files, TokenizerPrecedence precedence = TokenizerPrecedence.Throw) =>
        SubwordTokenizer.FromFiles(
            name => files.TryGetValue(name, out string? text) ? new MemoryStream(Encoding.UTF8.GetBytes(text)) : null, "model", null,
            precedence);

    private static void AssertRefused(Dictionary<string, string> files, string fault)
    {
        string message = Assert.Throws<TokenizerFormatException>(() => Open(files)).Message;
        Assert.StartsWith("model", message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }
}
