using System.Text;
using Google.Protobuf;
using MlNetBert.Text.Tests.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Files.SentencePiece;
using Type = MlNetBert.Text.Tokenizers.Files.SentencePiece.PieceProto.Types.Type;

namespace MlNetBert.Text.Tests.Tokenizers.Files.SentencePiece;

/// <summary>Models of SentencePiece without tokenizer.json: what each family makes of one, and what is refused.</summary>
public sealed class SentencePieceReaderTests
{
    [Theory]
    [InlineData("""{"tokenizer_class":"XLMRobertaTokenizer"}""", "0 6 4 2", 3, 7)]
    [InlineData("""{"tokenizer_class":"XLMRobertaTokenizerFast"}""", "0 6 4 2", 3, 7)]
    [InlineData("""{"tokenizer_class":"CamembertTokenizer"}""", "5 9 7 6", 3, 10)]
    [InlineData("""{"tokenizer_class":"T5Tokenizer","extra_ids":3}""", "5 3 2", 0, null)]
    [InlineData("""{"tokenizer_class":"DebertaV2Tokenizer","cls_token":"<s>","sep_token":"</s>"}""", "1 5 3 2", 0, 10)]
    public void FromFiles_OrdinaryPieces_HaveTheIdsOfTheFamily(string configuration, string ids, int unknown, int? mask)
    {
        SubwordTokenizer tokenizer = Open(Model(), ("tokenizer_config.json", configuration));
        Assert.Equal(ids, string.Join(' ', tokenizer.Encode("a").Ids));
        Assert.Equal(unknown, tokenizer.SpecialTokens.UnknownTokenId);
        Assert.Equal(unknown, tokenizer.EncodeToIds("x")[^1]);
        Assert.Equal(mask, tokenizer.SpecialTokens.MaskTokenId);
    }

    [Fact]
    public void FromFiles_ModelTypeAlone_NamesTheFamily() => Assert.Equal(
        [5, 9, 7, 6], Open(Model(), ("config.json", """{"model_type":"camembert"}"""), ("tokenizer_config.json", "{}")).Encode("a").Ids);

    [Fact]
    public void FromFiles_Sentinels_CountDownToTheLastId()
    {
        SubwordTokenizer tokenizer = Open(Model("<pad>"), ("tokenizer_config.json", """{"tokenizer_class":"T5Tokenizer"}"""));
        Assert.Equal(107, tokenizer.Vocabulary.Count);
        Assert.Equal([106, 7], tokenizer.EncodeToIds("<extra_id_0><extra_id_99>"));
        Assert.True(tokenizer.IsSpecial(106));
    }

    [Fact]
    public void FromFiles_TheMaskOfCamembert_TakesTheBlankBeforeIt()
    {
        SubwordTokenizer tokenizer = Open(Model(), ("tokenizer_config.json", """{"tokenizer_class":"CamembertTokenizer"}"""));
        Assert.Equal(new TokenOffset(1, 8), tokenizer.Encode("a <mask>").Offsets[3]);
        SubwordTokenizer other = Open(Model(), ("tokenizer_config.json",
            """{"tokenizer_class":"CamembertTokenizer","mask_token":{"content":"<mask>","lstrip":false}}"""));
        Assert.Equal(new TokenOffset(2, 8), other.Encode("a <mask>").Offsets[3]);
    }

    [Fact]
    public void FromFiles_OptionsOfAlbert_AreThoseOfTheConfiguration()
    {
        ModelProto model = Model("[CLS]", "[SEP]", "É", "é", "E", "e");
        Assert.Equal("[CLS] ▁ e [SEP]", Tokens("""{"tokenizer_class":"AlbertTokenizer"}"""));
        Assert.Equal("[CLS] ▁ é [SEP]", Tokens("""{"tokenizer_class":"AlbertTokenizer","keep_accents":true}"""));
        Assert.Equal("[CLS] ▁ E [SEP]", Tokens("""{"tokenizer_class":"AlbertTokenizer","do_lower_case":false}"""));
        Assert.Equal("[CLS] É [SEP]", Tokens(
            """{"tokenizer_class":"AlbertTokenizer","do_lower_case":false,"keep_accents":true,"add_prefix_space":false}"""));

        string Tokens(string configuration) => string.Join(' ', Open(model, ("tokenizer_config.json", configuration)).Encode("É").Tokens);
    }

    [Theory]
    [InlineData("", "ab", "▁ a b", "▁ a b ▁ a b")]
    [InlineData(""","add_bos_token":true,"add_eos_token":true""", "ab", "<s> ▁ a b </s>", "<s> ▁ a b </s> <s> ▁ a b </s>")]
    [InlineData(""","legacy":true""", "a<s>b", "▁ a <s> ▁ b", null)]
    [InlineData(""","legacy":false""", "a<s>b", "▁ a <s> b", null)]
    [InlineData(""","add_prefix_space":false""", "a<s>b", "a <s> b", null)]
    public void FromFiles_OptionsOfLlama_AreThoseOfTheConfiguration(string options, string text, string tokens, string? pair)
    {
        ModelProto model = Model();
        model.TrainerSpec.ModelType = TrainerProto.Types.ModelType.Bpe;
        SubwordTokenizer tokenizer = Open(model, ("tokenizer_config.json", """{"tokenizer_class":"LlamaTokenizer" """ + options + "}"));
        Assert.Equal(tokens, string.Join(' ', tokenizer.Encode(text).Tokens));
        if (pair is not null)
            Assert.Equal(pair.Split(' ').Length, tokenizer.Encode(text, text).Count);
        bool marksAll = options.Contains("legacy\":true", StringComparison.Ordinal);
        Assert.Equal(marksAll ? "a<s> b" : text, tokenizer.Decode(tokenizer.EncodeToIds(text), skipSpecialTokens: false));
    }

    [Fact]
    public void FromFiles_MergesOfABpeModel_ComeInTheOrderOfWhatTheyGive()
    {
        ModelProto model = Model("ab", "abb", "bb");
        model.TrainerSpec.ModelType = TrainerProto.Types.ModelType.Bpe;
        SubwordTokenizer tokenizer = Open(model, ("tokenizer_config.json", """{"tokenizer_class":"LlamaTokenizer"}"""));
        // "ab" has the lower id, and so "ab" and "b" are joined before "bb" can be.
        Assert.Equal("▁ abb abb", string.Join(' ', tokenizer.Encode("abbabb").Tokens));
        Assert.Equal("▁ bb", string.Join(' ', tokenizer.Encode("bb").Tokens));
    }

    [Theory]
    [InlineData("a\nb", "1 3 2")]
    [InlineData("a\n\nb", "1 3 3 2")]
    [InlineData("aéb", "1 4 5 2")]
    [InlineData("aèb", "1 0 2")]
    public void FromFiles_BytePiecesOfAUnigramModel_SpellWhatIsUnknown(string text, string ids)
    {
        var model = new ModelProto { NormalizerSpec = new() { AddDummyPrefix = false } };
        model.Pieces.Add([Piece("<unk>", 0, Type.Unknown), Piece("a", -1), Piece("b", -1)]);
        model.Pieces.Add([Piece("<0x0A>", 0, Type.Byte), Piece("<0xC3>", 0, Type.Byte), Piece("<0xA9>", 0, Type.Byte)]);
        SubwordTokenizer tokenizer = Open(model);
        Assert.Equal(ids, string.Join(' ', tokenizer.EncodeToIds(text)));
        if (!ids.Contains('0', StringComparison.Ordinal))
            Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeToIds(text)));
    }

    [Theory]
    [InlineData(true, true, "▁ a ▁ b", "a b")]
    [InlineData(false, true, "a ▁ b", "a b")]
    [InlineData(true, false, "▁ ▁ a ▁ ▁ b ▁", " a  b ")]
    [InlineData(false, false, "▁ a ▁ ▁ b ▁", " a  b ")]
    public void FromFiles_NoFamily_IsNormalizedAsTheModelSays(bool prefix, bool removes, string tokens, string decoded)
    {
        ModelProto model = Model();
        model.NormalizerSpec = new() { AddDummyPrefix = prefix, RemoveExtraWhitespaces = removes };
        SubwordTokenizer tokenizer = Open(model);
        Assert.Equal(tokens, string.Join(' ', tokenizer.Encode(" a  b ").Tokens));
        Assert.Equal(decoded, tokenizer.Decode(tokenizer.EncodeToIds(" a  b ")));
        Assert.Equal((1, 2), (tokenizer.SpecialTokens.BeginningOfTextTokenId, tokenizer.SpecialTokens.EndOfTextTokenId));
    }

    [Fact]
    public void FromFiles_ControlAndUserDefinedPieces_AreAddedTokens()
    {
        ModelProto model = Model();
        model.Pieces.Add([Piece("<c>", 0, Type.Control), Piece("<u>", 0, Type.UserDefined)]);
        SubwordTokenizer tokenizer = Open(model);
        Assert.Equal("▁ a <c> ▁ b <u>", string.Join(' ', tokenizer.Encode("a<c>b<u>").Tokens));
        Assert.Equal((true, false), (tokenizer.IsSpecial(6), tokenizer.IsSpecial(7)));
    }

    [Fact]
    public void FromFiles_TokenizerJsonBesideIt_Decides()
    {
        byte[] json = Open(Model(), ("tokenizer_config.json", """{"tokenizer_class":"CamembertTokenizer"}""")).ToFiles()["tokenizer.json"];
        SubwordTokenizer tokenizer = Open(Model(), ("tokenizer.json", Encoding.UTF8.GetString(json)));
        Assert.Equal([5, 9, 7, 6], tokenizer.Encode("a").Ids);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"tokenizer_class":"PegasusTokenizer"}""", "'tokenizer_class' is PegasusTokenizer")]
    [InlineData("config.json", """{"model_type":"pegasus"}""", "'model_type' is pegasus")]
    public void FromFiles_AFamilyThatIsNotKnown_IsRefusedWithARemedy(string name, string json, string fault)
    {
        var exception = Assert.Throws<TokenizerFormatException>(() => Open(Model(), (name, json)));
        Assert.EndsWith(name, exception.FilePath, StringComparison.Ordinal);
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
        Assert.Contains("save_pretrained", exception.Message, StringComparison.Ordinal);
        Assert.Contains("XLM", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static readonly (string Key, Action<ModelProto> Spoil)[] Faults =
    [
        ("'pieces[4].score' must be finite", model => model.Pieces[4].Score = float.NaN),
        ("'pieces[4].score' must be finite", model => model.Pieces[4].Score = float.NegativeInfinity),
        ("'pieces[4].piece' must be UTF-8", model => model.Pieces[4].Piece = ByteString.CopyFrom(0xC3, 0x28)),
        ("'pieces[4].piece' must not be empty", model => model.Pieces[4].Piece = ByteString.Empty),
        ("'pieces[4].piece' is 'a', which is that of pieces[3]", model => model.Pieces[4].Piece = model.Pieces[3].Piece),
        ("'pieces' must be the vocabulary", model => model.Pieces.Clear()),
        ("'trainer_spec.unk_id' is 9", model => model.TrainerSpec.UnkId = 9),
        ("'trainer_spec.unk_id' is -1", model => model.TrainerSpec.UnkId = -1),
        ("'trainer_spec.unk_id' is 1", model => model.TrainerSpec.UnkId = 1),
        ("'trainer_spec.model_type' is Word", model => model.TrainerSpec.ModelType = TrainerProto.Types.ModelType.Word),
        ("'trainer_spec.model_type' is Bpe", model => model.TrainerSpec.ModelType = TrainerProto.Types.ModelType.Bpe),
        ("'trainer_spec.treat_whitespace_as_suffix'", model => model.TrainerSpec.TreatWhitespaceAsSuffix = true),
        ("'normalizer_spec.escape_whitespaces'", model => model.NormalizerSpec = new() { EscapeWhitespaces = false }),
        ("'normalizer_spec.precompiled_charsmap'", model => model.NormalizerSpec = new()
        {
            PrecompiledCharsmap = ByteString.CopyFrom(Charsmaps.Of('a', "b").AsSpan(..^1)),
        }),
    ];

    public static TheoryData<int> FaultNumbers => [.. Enumerable.Range(0, Faults.Length)];

    [Theory]
    [MemberData(nameof(FaultNumbers))]
    public void FromFiles_AModelThatCannotBe_IsRefusedByItsKey(int number)
    {
        ModelProto model = Model();
        Faults[number].Spoil(model);
        var exception = Assert.Throws<TokenizerFormatException>(
            () => Open(model, ("tokenizer_config.json", """{"tokenizer_class":"T5Tokenizer"}""")));
        Assert.Contains(Faults[number].Key, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("spiece.model", exception.FilePath, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFiles_FewerThanNoSentinels_AreRefusedByTheirKey()
    {
        var exception = Assert.Throws<TokenizerFormatException>(
            () => Open(Model(), ("tokenizer_config.json", """{"tokenizer_class":"T5Tokenizer","extra_ids":-1}""")));
        Assert.Contains("'extra_ids' must be at least 0", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFiles_AFileCutAnywhere_IsRefusedOrLacksPieces()
    {
        byte[] whole = Model().ToByteArray();
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            try
            {
                Assert.True(OpenBytes(cut).Vocabulary.Count <= 6);
            }
            catch (TokenizerFormatException exception)
            {
                Assert.EndsWith("spiece.model", exception.FilePath, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void FromFiles_ATextInItsPlace_IsRefused() =>
        Assert.Throws<TokenizerFormatException>(() => OpenBytes(Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1")));

    /// <summary>Unknown, begin and end of text, then "a" (3), "b" (4), "▁" (5) and others.</summary>
    private static ModelProto Model(params string[] more)
    {
        var model = new ModelProto { TrainerSpec = new TrainerProto { UnkId = 0 } };
        model.Pieces.Add([Piece("<unk>", 0, Type.Unknown), Piece("<s>", 0, Type.Control), Piece("</s>", 0, Type.Control)]);
        model.Pieces.Add(((string[])["a", "b", "▁", .. more]).Select(piece => Piece(piece, -1)));
        return model;
    }

    private static PieceProto Piece(string piece, float score, Type type = Type.Normal) =>
        new() { Piece = ByteString.CopyFromUtf8(piece), Score = score, Type = type };

    private static SubwordTokenizer Open(ModelProto model, params (string Name, string Content)[] files) =>
        OpenBytes(model.ToByteArray(), files);

    private static SubwordTokenizer OpenBytes(byte[] model, params (string Name, string Content)[] files)
    {
        var all = files.ToDictionary(file => file.Name, file => Encoding.UTF8.GetBytes(file.Content));
        all["spiece.model"] = model;
        return SubwordTokenizer.FromFiles(name => all.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "files");
    }
}
