using System.Text;
using System.Text.Json.Nodes;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.Files;

/// <summary>Vocabularies with blank and repeated lines, holes and empty pieces: ids are those of transformers, and saving shifts none.</summary>
public sealed class OddVocabularyTests
{
    private const string Head = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

    [Theory]
    [InlineData("the\ncat\n\nparis\nberlin\n", "5 8 9", 10)] // a blank line
    [InlineData("the\n\n\nparis\n\nberlin\n\n", "5 8 10", 12)] // several, and one at the end
    [InlineData("the\ncat\nparis\nberlin\n\n", "5 7 8", 10)]
    [InlineData("the\ncat\nparis\nberlin\nthe\n", "9 7 8", 10)] // of equal lines the last counts
    [InlineData("the\nparis\nthe\nthe\nparis\nberlin", "8 9 10", 11)]
    [InlineData("the\r\n\r\nparis\r\nberlin\r\n", "5 7 8", 9)]
    [InlineData("the\rparis\rberlin", "5 6 7", 8)]
    [InlineData("the\nparis\nberlin \nberlin\n", "5 6 8", 9)]
    public void FromFiles_OddLines_IdsAreLineNumbers(string lines, string ids, int count)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Head + lines);
        SubwordTokenizer tokenizer = Read(new() { ["vocab.txt"] = bytes });
        Assert.Equal(ids, string.Join(' ', tokenizer.EncodeToIds("the paris berlin")));
        Assert.Equal(count, tokenizer.Vocabulary.Count);
        Assert.Equal("the paris berlin", tokenizer.Decode(tokenizer.EncodeToIds("the paris berlin")));
        Assert.Empty(tokenizer.Decode(Holes(tokenizer)));

        Dictionary<string, byte[]> files = tokenizer.ToFiles().ToDictionary();
        foreach (string left in (string[])["", "tokenizer.json", "vocab.txt"])
            RequireSame(tokenizer, Read(files.Where(file => file.Key != left).ToDictionary()));
        files["vocab.txt"] = bytes; // the original lines agree with the tokenizer.json that was made of them
        RequireSame(tokenizer, Read(files));
        Assert.Equal(tokenizer.Fingerprint, SubwordTokenizer.FromVocabulary((Head + lines).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n')[..count]).Fingerprint);
    }

    [Fact]
    public void FromFiles_JsonWithAHole_KeepsItsIds()
    {
        SubwordTokenizer tokenizer = Json(vocabulary => (vocabulary["cat"], vocabulary["the"], vocabulary[""]) = (6, 9, 11));
        Assert.Equal([9, 6], tokenizer.EncodeToIds("the cat"));
        Assert.Equal(12, tokenizer.Vocabulary.Count);
        Assert.Equal(["cat", "", "", "the", "", ""], tokenizer.Vocabulary.Skip(6));
        Assert.Equal("cat the", tokenizer.Decode([6, 7, 8, 9, 10]));
        RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
        Assert.Equal("cat\nthe\nthe\nthe\n\n\n", Encoding.UTF8.GetString(tokenizer.ToFiles()["vocab.txt"])[(Head.Length + 4)..]);
    }

    [Fact]
    public void FromFiles_AddedTokensInAndBeyondHoles_KeepTheirIds()
    {
        SubwordTokenizer tokenizer = Json(
            vocabulary => vocabulary["the"] = 8,
            """{"id":6,"content":"Foo","normalized":true}""",
            """{"id":12,"content":"<x>","special":true}""");
        Assert.Equal([6, 12, 8], tokenizer.EncodeToIds("FOO <x> the"));
        Assert.Equal(13, tokenizer.Vocabulary.Count);
        Assert.True(tokenizer.IsSpecial(12));
        RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
        RequireSame(tokenizer, Read(tokenizer.ToFiles().Where(file => file.Key != "tokenizer.json").ToDictionary()));
    }

    [Fact]
    public void FromFiles_VocabularyThatContradictsTheJson_NamesLineAndId()
    {
        Dictionary<string, byte[]> files = Read(new() { ["vocab.txt"] = Encoding.UTF8.GetBytes(Head + "the\n\nparis\nberlin\n") }).ToFiles().ToDictionary();
        files["vocab.txt"] = Encoding.UTF8.GetBytes(Head + "the\nparis\nberlin\n"); // the blank line deleted
        Assert.Contains("line 7 is 'paris', but tokenizer.json has '' with that id, 6", Assert.Throws<TokenizerFormatException>(() => Read(files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFiles_EmptyPieceInJson_IsNoFault()
    {
        SubwordTokenizer tokenizer = Json(vocabulary => (vocabulary[""], vocabulary["the"]) = (6, 7));
        Assert.Equal([7], tokenizer.EncodeToIds("the"));
        Assert.True(tokenizer.TryGetId("", out int id) && id == 6);
    }

    [Fact]
    public void FromFiles_AddedTokensJson_NormalizesWhatIsNotSpecial()
    {
        SubwordTokenizer tokenizer = Read(new()
        {
            ["vocab.txt"] = Encoding.UTF8.GetBytes(Head + "grows\n"),
            ["added_tokens.json"] = """{"[E1]": 7, "somecompany": 6}"""u8.ToArray(),
            ["special_tokens_map.json"] = """{"additional_special_tokens": ["[E1]"]}"""u8.ToArray(),
        });
        Assert.Equal([6, 5, 7], tokenizer.EncodeToIds("SomeCompany grows[E1]"));
        Assert.Equal("somecompany grows", tokenizer.Decode([6, 5, 7]));
        Assert.Equal([1, 1, 1], tokenizer.EncodeToIds("[e1]"));
        RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
    }

    [Theory]
    [InlineData("""{"additional_special_tokens": ["[E1]"]}""")]
    [InlineData("""{"extra_special_tokens": {"entity": "[E1]"}}""")]
    [InlineData("""{"additional_special_tokens": [{"content": "[E1]", "lstrip": true, "normalized": false}]}""")]
    public void FromFiles_NamedSpecialTokens_AreRecognized(string json)
    {
        foreach (string file in (string[])["tokenizer_config.json", "special_tokens_map.json"])
        {
            SubwordTokenizer tokenizer = Read(new() { ["vocab.txt"] = Encoding.UTF8.GetBytes(Head + "[E1]\na\n"), [file] = Encoding.UTF8.GetBytes(json) });
            Assert.Equal([6, 5, 6], tokenizer.EncodeToIds("a [E1]a"));
            Assert.True(tokenizer.IsSpecial(5));
            RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
        }
    }

    [Fact]
    public void FromFiles_NamedSpecialTokensBeyondTheVocabulary_GetTheNextIds()
    {
        Dictionary<string, byte[]> plain = Read(new() { ["vocab.txt"] = Encoding.UTF8.GetBytes(Head + "a\n") }).ToFiles().ToDictionary();
        foreach (string file in (string[])["vocab.txt", "tokenizer.json"])
        {
            SubwordTokenizer tokenizer = Read(new()
            {
                [file] = plain[file],
                ["tokenizer_config.json"] = """{"additional_special_tokens": ["[E2]", "a", "[E1]"]}"""u8.ToArray(),
            });
            Assert.Equal([6, 5, 7], tokenizer.EncodeToIds("[E2]a[E1]"));
            Assert.Equal(8, tokenizer.Vocabulary.Count);
            Assert.True(tokenizer.IsSpecial(7));
            RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
        }

        Assert.Contains("[M] is missing", Assert.Throws<TokenizerFormatException>(() => Read(new()
        {
            ["vocab.txt"] = plain["vocab.txt"],
            ["tokenizer_config.json"] = """{"mask_token": {"content": "[M]"}}"""u8.ToArray(),
        })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFiles_FlagsOfTheMask_AreTaken()
    {
        SubwordTokenizer tokenizer = Read(new()
        {
            ["vocab.txt"] = Encoding.UTF8.GetBytes(Head + "a\n"),
            ["tokenizer_config.json"] = """{"mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": true}}"""u8.ToArray(),
        });
        Assert.Equal(new TokenOffset(1, 8), tokenizer.Encode("a [MASK]").Offsets[2]);
        RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
    }

    [Fact]
    public void FromFiles_FlagsThatContradict_AreRefusedOrAsThePrecedenceSays()
    {
        Dictionary<string, byte[]> files = SubwordTokenizer.FromVocabulary([.. Head.Split('\n')[..^1], "a"]).ToFiles().ToDictionary();
        files["tokenizer_config.json"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files["tokenizer_config.json"]).Replace("\"lstrip\": false", "\"lstrip\": true", StringComparison.Ordinal));
        Assert.Contains("the flags of '[PAD]'", Assert.Throws<TokenizerFormatException>(() => Read(files)).Message, StringComparison.Ordinal);
        foreach (TokenizerPrecedence precedence in (TokenizerPrecedence[])[TokenizerPrecedence.TokenizerJson, TokenizerPrecedence.TokenizerConfig])
        {
            SubwordTokenizer tokenizer = SubwordTokenizer.FromFiles(name => files.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "model", precedence: precedence);
            Assert.Equal(precedence == TokenizerPrecedence.TokenizerJson ? 2 : 1, tokenizer.Encode("a [MASK]").Offsets[2].Start);
            RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
        }
    }

    [Fact]
    public void FromFiles_AddedTokenWithALineBreak_IsFound()
    {
        SubwordTokenizer tokenizer = Json(_ => { }, """{"id":6,"content":"\n","special":true}""", """{"id":7,"content":"a\n\nb","special":false}""");
        Assert.Equal([5, 6, 5, 7], tokenizer.EncodeToIds("the\nthe a\n\nb"));
        RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
        RequireSame(tokenizer, Read(tokenizer.ToFiles().Where(file => file.Key != "tokenizer.json").ToDictionary()));
    }

    [Fact]
    public void Encode_PairTypesOfTheTemplate_AreTaken()
    {
        SubwordTokenizer tokenizer = Json(_ => { }, edit: json => json["post_processor"]!["pair"]![3]!["Sequence"]!["type_id"] = 0);
        Assert.Equal([0, 0, 0, 0, 1], tokenizer.Encode("the", "the").TokenTypeIds);
        Assert.Equal([0, 0, 0, 0, 1], tokenizer.Template.Build([5], [6]).TypeIds);
        RequireSame(tokenizer, Read(tokenizer.ToFiles().ToDictionary()));
    }

    private static IEnumerable<int> Holes(SubwordTokenizer tokenizer) => Enumerable.Range(0, tokenizer.Vocabulary.Count).Where(id => tokenizer.Vocabulary[id].Length == 0 && !(tokenizer.TryGetId("", out int blank) && blank == id));

    private static void RequireSame(SubwordTokenizer tokenizer, SubwordTokenizer other)
    {
        Assert.Equal(tokenizer.Fingerprint, other.Fingerprint);
        Assert.Equal(tokenizer.Vocabulary, other.Vocabulary);
        Assert.Equal(tokenizer.EncodeToIds("The paris berlin FOO [E1] a [MASK]"), other.EncodeToIds("The paris berlin FOO [E1] a [MASK]"));
        Assert.Equal(tokenizer.Encode("a", "a").TokenTypeIds, other.Encode("a", "a").TokenTypeIds);
    }

    private static SubwordTokenizer Json(Action<JsonNode> vocabulary, params string[] added) => Json(vocabulary, _ => { }, added);

    private static SubwordTokenizer Json(Action<JsonNode> vocabulary, Action<JsonNode> edit, params string[] added)
    {
        byte[] bytes = SubwordTokenizer.FromVocabulary([.. Head.Split('\n')[..^1], "the"]).ToFiles()["tokenizer.json"];
        JsonNode json = JsonNode.Parse(bytes)!;
        vocabulary(json["model"]!["vocab"]!);
        foreach (string token in added)
            json["added_tokens"]!.AsArray().Add(JsonNode.Parse(token));
        edit(json);
        return Read(new() { ["tokenizer.json"] = Encoding.UTF8.GetBytes(json.ToJsonString()) });
    }

    private static SubwordTokenizer Read(Dictionary<string, byte[]> files) =>
        SubwordTokenizer.FromFiles(name => files.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "model");
}
