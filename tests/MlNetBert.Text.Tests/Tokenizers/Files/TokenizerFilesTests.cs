using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers.Files;

public sealed class TokenizerFilesTests
{
    private const string Sample = "The café [MASK] don't 你好 un[SEP]able";
    private static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cafe", "Café", "don", "'", "t", "un", "##able", "able", "你", "好", "\"", "\\"];

    [Fact]
    public void FromFiles_WhatWasWritten_IsTheSameTokenizer()
    {
        foreach (bool lowerCase in (bool[])[true, false])
        {
            foreach (bool? strip in (bool?[])[null, true, false])
            {
                var options = new WordPieceTokenizerOptions { LowerCase = lowerCase, StripAccents = strip, HandleChineseCharacters = lowerCase, ModelMaxLength = lowerCase ? 512 : null };
                SubwordTokenizer tokenizer = SubwordTokenizer.FromVocabulary(Pieces, options);
                IReadOnlyDictionary<string, byte[]> files = tokenizer.ToFiles();
                Assert.Equal(["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"], files.Keys);
                foreach (string left in (string[])["", "tokenizer.json", "vocab.txt"])
                {
                    SubwordTokenizer read = Read(files.Where(file => file.Key != left).ToDictionary());
                    Assert.Equal(tokenizer.Fingerprint, read.Fingerprint);
                    Assert.Equal(options.ModelMaxLength, read.MaxLength);
                    Assert.Equal(tokenizer.EncodeToIds(Sample), read.EncodeToIds(Sample));
                    Assert.Equal(files.Select(file => Encoding.UTF8.GetString(file.Value)), read.ToFiles().Select(file => Encoding.UTF8.GetString(file.Value)));
                }
            }
        }
    }

    [Fact]
    public void Save_Directory_ReadsAgain()
    {
        string directory = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        try
        {
            SubwordTokenizer tokenizer = SubwordTokenizer.FromVocabulary(Pieces);
            tokenizer.Save(directory);
            Assert.Equal(4, Directory.GetFiles(directory).Length);
            Assert.Equal(tokenizer.Fingerprint, SubwordTokenizer.FromDirectory(directory).Fingerprint);
            Assert.Equal(tokenizer.Fingerprint, SubwordTokenizer.FromVocabularyFile(Path.Combine(directory, "vocab.txt")).Fingerprint);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("golden/curve/model", 128)]
    [InlineData("golden/curve-modern/model", 128)]
    [InlineData("models/all-MiniLM-L6-v2", 512)]
    public void FromDirectory_ReferenceModel_IsRead(string path, int maxLength)
    {
        string directory = SharedFiles.Path(path);
        SubwordTokenizer tokenizer = SubwordTokenizer.FromDirectory(directory);
        Assert.Equal(maxLength, tokenizer.MaxLength);
        IReadOnlyDictionary<string, byte[]> files = tokenizer.ToFiles();
        Assert.Equal(File.ReadAllText(Path.Combine(directory, "vocab.txt")).TrimEnd(), Encoding.UTF8.GetString(files["vocab.txt"]).TrimEnd());

        JsonNode theirs = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "tokenizer.json")))!;
        JsonNode ours = JsonNode.Parse(files["tokenizer.json"])!;
        foreach (string key in (string[])["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "decoder", "model"])
            Assert.True(JsonNode.DeepEquals(theirs[key], ours[key]), key);
        if (theirs["post_processor"]!["type"]!.GetValue<string>() == "TemplateProcessing")
            Assert.True(JsonNode.DeepEquals(theirs["post_processor"], ours["post_processor"]));
        JsonObject configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "tokenizer_config.json")))!.AsObject();
        JsonNode written = JsonNode.Parse(files["tokenizer_config.json"])!;
        foreach ((string key, JsonNode? value) in configuration)
        {
            if (key is not ("tokenizer_file" or "vocab_file"))
                Assert.True(JsonNode.DeepEquals(value, written[key]), key);
        }
    }

    [Fact]
    public void FromFiles_AddedTokenOutsideTheVocabulary_IsRecognisedAndNotSpelt()
    {
        Dictionary<string, byte[]> files = Edit("tokenizer.json", json => json["added_tokens"]!.AsArray().Add(JsonNode.Parse(
            """{"id":18,"content":"able!","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":false}""")));
        SubwordTokenizer tokenizer = Read(files);
        Assert.Equal([5, 18, 13], tokenizer.EncodeToIds("the  able!able"));
        Assert.Equal(new TokenOffset(3, 10), tokenizer.Encode("the  able!able").Offsets[2]);
        Assert.False(tokenizer.IsSpecial(18));
        Assert.Equal(tokenizer.Fingerprint, Read(tokenizer.ToFiles()).Fingerprint);
        Assert.Equal(tokenizer.Fingerprint, Read(tokenizer.ToFiles().Where(file => file.Key != "tokenizer.json").ToDictionary()).Fingerprint);
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "model.type", "\"WordLevel\"", "model.type" },
        { "normalizer", """{"type":"Unheard"}""", "normalizer.type" },
        { "normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},null]}""", "normalizer.normalizers[1]" },
        { "normalizer", """{"type":"BertNormalizer","clean_text":1}""", "normalizer.lowercase" },
        { "pre_tokenizer", """{"type":"CharDelimiterSplit"}""", "pre_tokenizer.type" },
        { "post_processor", """{"type":"Unheard"}""", "post_processor.type" },
        { "post_processor", """{"type":"BertProcessing","sep":["[SEP]",7],"cls":["[CLS]",2]}""", "post_processor.sep[1]" },
        { "post_processor.single", """[{"Sequence":{"id":"B","type_id":0}}]""", "post_processor.single" },
        { "post_processor.pair", """[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"B","type_id":0}}]""", "post_processor.pair" },
        { "decoder", """{"type":"CTC"}""", "decoder.type" },
        { "decoder", """{"type":"WordPiece","prefix":"@@"}""", "decoder.prefix" },
        { "model.vocab", """{"[PAD]":0,"a":-1}""", "model.vocab.a" },
        { "model.vocab", """{"[PAD]":0,"a":1000002}""", "model.vocab.a" },
        { "model.vocab", """{"[PAD]":0,"a\n":1}""", "line break" },
        { "model.vocab", """{"[PAD]":0,"a":0}""", "model.vocab.a" },
        { "added_tokens", """[{"id":0,"content":"[PAD]","normalized":1}]""", "added_tokens[0].normalized" },
        { "added_tokens", """[{"id":9,"content":"x"}]""", "added_tokens[0].id" },
        { "added_tokens", """[{"id":9,"content":"[PAD]"}]""", "added_tokens[0].id" },
        { "added_tokens", """[{"id":9999999,"content":"x"}]""", "added_tokens[0].id" },
        { "added_tokens", "7", "added_tokens" },
        { "model.max_input_chars_per_word", "\"many\"", "model.max_input_chars_per_word" },
        { "model.max_input_chars_per_word", "0", "'model.max_input_chars_per_word' must be from 1" },
    };

    [Fact]
    public void FromFiles_SequenceOfOneNormalizer_IsThatNormalizer()
    {
        Dictionary<string, byte[]> plain = Edit("tokenizer.json", _ => { });
        Dictionary<string, byte[]> wrapped = Edit("tokenizer.json", json => json["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(json["normalizer"]!.DeepClone()) });

        Assert.Equal(Read(plain).Fingerprint, Read(wrapped).Fingerprint);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void FromFiles_UnsupportedSection_NamesTheKey(string path, string value, string named)
    {
        Dictionary<string, byte[]> files = Edit("tokenizer.json", json =>
        {
            string[] parts = path.Split('.');
            JsonNode parent = parts.Length == 1 ? json : json[parts[0]]!;
            parent[parts[^1]] = JsonNode.Parse(value);
        });
        files.Remove("vocab.txt");
        var exception = Assert.Throws<TokenizerFormatException>(() => Read(files));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("tokenizer.json", exception.FilePath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("do_lower_case", "false")]
    [InlineData("strip_accents", "false")]
    [InlineData("tokenize_chinese_chars", "false")]
    [InlineData("unk_token", "\"the\"")]
    [InlineData("model_max_length", "0")]
    [InlineData("model_max_length", "\"long\"")]
    public void FromFiles_ConfigurationContradictsOrIsWrong_NamesTheKey(string key, string value)
    {
        var exception = Assert.Throws<TokenizerFormatException>(() => Read(Edit("tokenizer_config.json", json => json[key] = JsonNode.Parse(value))));
        Assert.Contains(key, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("tokenizer_config.json", exception.FilePath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("do_lower_case", "false", "The", "[UNK]", "the")]
    [InlineData("strip_accents", "false", "cafe\u0301", "[UNK]", "cafe")]
    [InlineData("tokenize_chinese_chars", "false", "你你", "[UNK]", "你 你")]
    [InlineData("unk_token", "\"the\"", "zzz", "the", "[UNK]")]
    [InlineData("cls_token", "\"don\"", "", "don", "[CLS]")]
    public void FromFiles_ConfigurationContradicts_TheFileWithPrecedenceDecides(string key, string value, string text, string byConfiguration, string byTokenizer)
    {
        Dictionary<string, byte[]> files = Edit("tokenizer_config.json", json => json[key] = JsonNode.Parse(value));
        foreach ((TokenizerPrecedence precedence, string expected) in new[] { (TokenizerPrecedence.TokenizerConfig, byConfiguration), (TokenizerPrecedence.TokenizerJson, byTokenizer) })
        {
            SubwordTokenizer tokenizer = Read(files, precedence);
            Assert.Equal(expected.Split(' '), tokenizer.Encode(text).Tokens.Skip(text.Length == 0 ? 0 : 1).SkipLast(1));
            SubwordTokenizer saved = Read(tokenizer.ToFiles());
            Assert.Equal(tokenizer.Fingerprint, saved.Fingerprint);
        }
    }

    [Fact]
    public void FromFiles_StripAccentsContradicts_SaysNullWhereTheFileHasNull()
    {
        var exception = Assert.Throws<TokenizerFormatException>(() => Read(Edit("tokenizer_config.json", json => json["strip_accents"] = false)));
        Assert.Contains("'strip_accents' is false, but tokenizer.json says normalizer.strip_accents null", exception.Message, StringComparison.Ordinal);
        Assert.Contains("TokenizerPrecedence", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer_class", "\"BertJapaneseTokenizer\"")]
    [InlineData("do_basic_tokenize", "false")]
    [InlineData("never_split", "[\"a\"]")]
    public void FromFiles_VocabularyOfAnotherKind_NamesTheKey(string key, string value)
    {
        Dictionary<string, byte[]> files = Edit("tokenizer_config.json", json => json[key] = JsonNode.Parse(value));
        files.Remove("tokenizer.json");
        Assert.Contains(key, Assert.Throws<TokenizerFormatException>(() => Read(files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFiles_VocabularyContradicts_NamesTheLine()
    {
        Dictionary<string, byte[]> files = SubwordTokenizer.FromVocabulary(Pieces).ToFiles().ToDictionary();
        files["vocab.txt"] = Encoding.UTF8.GetBytes(string.Join('\n', Pieces.Select(piece => piece == "don" ? "dont" : piece)));
        Assert.Contains("line 9 is 'dont'", Assert.Throws<TokenizerFormatException>(() => Read(files)).Message, StringComparison.Ordinal);
        Assert.Throws<TokenizerFormatException>(() => Read(files, TokenizerPrecedence.TokenizerConfig));
        Assert.Equal(Pieces, Read(files, TokenizerPrecedence.TokenizerJson).Vocabulary);
    }

    [Fact]
    public void FromFiles_NoFiles_SaysWhatIsNeeded() =>
        Assert.Contains(
            "tokenizer.json, or vocab.txt, or vocab.json with merges.txt", Assert.Throws<TokenizerFormatException>(() => Read([])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void FromFiles_DuplicateNameInJson_IsRefused()
    {
        Dictionary<string, byte[]> files = SubwordTokenizer.FromVocabulary(Pieces).ToFiles().ToDictionary();
        files["tokenizer_config.json"] = """{"do_lower_case": true, "do_lower_case": false}"""u8.ToArray();
        Assert.Throws<TokenizerFormatException>(() => Read(files));
    }

    [Fact]
    public void FromFiles_VocabularyNotUtf8_IsRefused() =>
        Assert.Contains("UTF-8", Assert.Throws<TokenizerFormatException>(() => Read(new Dictionary<string, byte[]> { ["vocab.txt"] = [0x41, 0xFF, 0x0A] })).Message, StringComparison.Ordinal);

    [Fact]
    public void FromTokenizerFile_Damaged_NamesTheFile()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "{");
            Assert.Equal(path, Assert.Throws<TokenizerFormatException>(() => SubwordTokenizer.FromTokenizerFile(path)).FilePath);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void FromFiles_SpecialTokensMapOnly_NamesTheTokens()
    {
        SubwordTokenizer tokenizer = Read(new Dictionary<string, byte[]>
        {
            ["vocab.txt"] = "<pad>\n[UNK]\n[CLS]\n[SEP]\n[MASK]\r\na\n"u8.ToArray(),
            ["special_tokens_map.json"] = """{"pad_token": {"content": "<pad>", "lstrip": false}}"""u8.ToArray(),
        });
        Assert.Equal(0, tokenizer.SpecialTokens.PaddingTokenId);
        Assert.Equal(4, tokenizer.SpecialTokens.MaskTokenId);
    }

    [Fact]
    public void FromFiles_MutatedBytes_OnlyTypedExceptions()
    {
        Dictionary<string, byte[]> files = SubwordTokenizer.FromVocabulary(Pieces).ToFiles().ToDictionary();
        var random = new Random(7);
        foreach (string name in files.Keys.ToArray())
        {
            for (int i = 0; i < 800; i++)
            {
                byte[] bytes = [.. files[name]];
                for (int change = random.Next(1, 4); change > 0; change--)
                    bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "{}[]\",:0\\ue-"[random.Next(12)]);
                if (random.Next(4) == 0)
                    bytes = bytes[..random.Next(bytes.Length)];
                var mutated = new Dictionary<string, byte[]>(files) { [name] = bytes };
                try
                {
                    Read(mutated).EncodeToIds(Sample);
                }
                catch (TokenizerFormatException)
                {
                    // what a damaged file shall give
                }
            }
        }
    }

    private static Dictionary<string, byte[]> Edit(string file, Action<JsonNode> edit)
    {
        Dictionary<string, byte[]> files = SubwordTokenizer.FromVocabulary(Pieces).ToFiles().ToDictionary();
        JsonNode json = JsonNode.Parse(files[file])!;
        edit(json);
        files[file] = JsonSerializer.SerializeToUtf8Bytes(json);
        return files;
    }

    private static SubwordTokenizer Read(IEnumerable<KeyValuePair<string, byte[]>> files, TokenizerPrecedence precedence = TokenizerPrecedence.Throw)
    {
        var content = new Dictionary<string, byte[]>(files);
        return SubwordTokenizer.FromFiles(name => content.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "model", precedence: precedence);
    }
}
