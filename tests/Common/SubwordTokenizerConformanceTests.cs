using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Tokenizers;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Tests.Common;

/// <summary>
/// What every <see cref="SubwordTokenizer"/> must do; a test class for one inherits this. It is written against what is public, so that it
/// serves tokenizers of other assemblies, too.
/// </summary>
public abstract class SubwordTokenizerConformanceTests
{
    private const string Configuration = "tokenizer_config.json";

    private static readonly string[] Texts =
    [
        "", " ", "a", "The cats sat, didn't they?", " \tDéjà vu\u00A0é e\u0301 ", "\U0001F600 x\U0001F600y", "日本語 tokens", "[MASK] <mask> [SEP]",
        new string('x', 300), "İstanbul ﬁne\u200D!", "new\nline\r\n",
    ];

    /// <summary>
    /// A new tokenizer, the same each time, with a padding token and one for what it cannot spell, and pieces for "a" and for
    /// continuations; its kind of model is registered.
    /// </summary>
    protected abstract SubwordTokenizer Create();

    [Fact]
    public void ToFiles_ReadAgain_GiveTheSameTokenizer()
    {
        SubwordTokenizer tokenizer = Create();
        IReadOnlyDictionary<string, byte[]> files = tokenizer.ToFiles();
        SubwordTokenizer other = Open(files);
        AssertSame(tokenizer, other);
        Assert.Equal(tokenizer.MaxLength, other.MaxLength);
        Assert.Equal(tokenizer.InvalidText, other.InvalidText);
        AssertSame(files, other.ToFiles());
    }

    [Fact]
    public void Save_ReadAgain_GivesTheSameTokenizer()
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            SubwordTokenizer tokenizer = Create();
            tokenizer.Save(directory);
            AssertSame(tokenizer, SubwordTokenizer.FromDirectory(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Fingerprint_OfEqualTokenizers_IsTheSame()
    {
        SubwordTokenizer tokenizer = Create();
        Assert.Matches("^[0-9a-f]{64}$", tokenizer.Fingerprint);
        Assert.Equal(tokenizer.Fingerprint, Create().Fingerprint);
        Assert.Equal(tokenizer.Fingerprint, tokenizer.With(maxLength: 17, invalidText: InvalidTextHandling.Replace).Fingerprint);
    }

    [Fact]
    public void Fingerprint_OfATokenizerWithOneMoreToken_IsAnother()
    {
        SubwordTokenizer tokenizer = Create();
        SubwordTokenizer other = Open(Edited(tokenizer, json => json["added_tokens"]!.AsArray().Add(new JsonObject
        {
            ["id"] = tokenizer.Vocabulary.Count,
            ["content"] = "zzzz",
            ["special"] = false,
        })));
        Assert.NotEqual(tokenizer.Fingerprint, other.Fingerprint);
        Assert.Equal([tokenizer.Vocabulary.Count], other.EncodeToIds("zzzz"));
        Assert.False(other.ContinuesWord(tokenizer.Vocabulary.Count, tokenizer.EncodeToIds("a")[^1]));
    }

    [Fact]
    public void Register_AModelTypeTwice_IsRefused() =>
        Assert.Contains($"'{Create().ModelType}'", Assert.Throws<ArgumentException>(() => SubwordModel.Register(Create().ModelType, _ => throw new NotSupportedException())).Message, StringComparison.Ordinal);

    [Fact]
    public void FromFiles_AModelTypeThatIsNotRegistered_NamesThoseThatAre()
    {
        SubwordTokenizer tokenizer = Create();
        string message = Assert.Throws<TokenizerFormatException>(() => Open(Edited(tokenizer, json => json["model"]!["type"] = "Unheard"))).Message;
        Assert.Contains("'model.type' is Unheard", message, StringComparison.Ordinal);
        Assert.Contains(tokenizer.ModelType, message, StringComparison.Ordinal);
        Assert.Contains("WordPiece", message, StringComparison.Ordinal);
        Assert.Contains("SubwordModel.Register", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ContinuesWord_OfATokenOfAText_IsOfOneInTheMiddleOfAWord()
    {
        SubwordTokenizer tokenizer = Create();
        int continuing = 0;
        foreach (string text in Texts)
        {
            TokenEncoding encoding = tokenizer.Encode(text, options: new EncodeOptions { AddSpecialTokens = false });
            for (int i = 1; i < encoding.Count; i++)
            {
                if (!tokenizer.ContinuesWord(encoding.Ids[i], encoding.Ids[i - 1]))
                    continue;
                continuing++;
                Assert.DoesNotContain(text[encoding.Offsets[i - 1].Start..encoding.Offsets[i].End], char.IsWhiteSpace);
            }
        }

        Assert.True(continuing > 0, "No piece of any of the texts continues a word: ContinuesWord says so of none, or the tokenizer has no pieces for continuations.");
    }

    [Fact]
    public void With_AnotherLengthOrHandling_KeepsEverythingElse()
    {
        SubwordTokenizer tokenizer = Create();
        SubwordTokenizer shorter = tokenizer.With(maxLength: 17);
        Assert.Equal(17, shorter.MaxLength);
        Assert.Equal(tokenizer.InvalidText, shorter.InvalidText);
        AssertSame(tokenizer, shorter);
        SubwordTokenizer lenient = shorter.With(invalidText: InvalidTextHandling.Replace);
        Assert.Equal((17, InvalidTextHandling.Replace), (lenient.MaxLength, lenient.InvalidText));
        Assert.NotEmpty(lenient.EncodeToIds("a\uD83D a"));

        Dictionary<string, byte[]> files = tokenizer.ToFiles().ToDictionary(), others = lenient.ToFiles().ToDictionary();
        Assert.Equal(Members(files[Configuration]), Members(others[Configuration]));
        files.Remove(Configuration);
        others.Remove(Configuration);
        AssertSame(files, others);

        static SortedDictionary<string, string?> Members(byte[] configuration) => new(
            JsonNode.Parse(configuration)!.AsObject().Where(member => member.Key is not ("model_max_length" or "invalid_text"))
                .ToDictionary(member => member.Key, member => member.Value?.ToJsonString()),
            StringComparer.Ordinal);
    }

    [Fact]
    public void Template_OfOneTextAndOfAPair_AgreesWithEncode()
    {
        SubwordTokenizer tokenizer = Create();
        SpecialTokenTemplate template = tokenizer.Template;
        foreach (string text in Texts)
        {
            int[] ids = tokenizer.EncodeToIds(text);
            TokenEncoding one = tokenizer.Encode(text);
            TemplatedTokens built = template.Build(ids);
            Assert.Equal(ids.Length + template.GetAddedCount(pair: false), one.Count);
            Assert.Equal(built.Ids, one.Ids);
            Assert.Equal(built.TypeIds, one.TokenTypeIds);
            Assert.Null(built.SecondStart);
            Assert.Equal(ids, built.Ids[built.FirstStart..(built.FirstStart + ids.Length)]);
            foreach (string pair in Texts)
            {
                int[] others = tokenizer.EncodeToIds(pair);
                TokenEncoding two = tokenizer.Encode(text, pair);
                built = template.Build(ids, others);
                Assert.Equal(ids.Length + others.Length + template.GetAddedCount(pair: true), two.Count);
                Assert.Equal(built.Ids, two.Ids);
                Assert.Equal(built.TypeIds, two.TokenTypeIds);
                Assert.Equal(ids, built.Ids[built.FirstStart..(built.FirstStart + ids.Length)]);
                Assert.Equal(others, built.Ids[built.SecondStart!.Value..(built.SecondStart.Value + others.Length)]);
                Assert.Equal(template.GetAddedCount(pair: true), two.SpecialTokensMask.Sum());
            }
        }

        Assert.All(template.TokenIds, id => Assert.True(template.Contains(id) && tokenizer.IsSpecial(id)));
    }

    [Fact]
    public void Encode_ToALength_CutsAndPadsToIt()
    {
        SubwordTokenizer tokenizer = Create();
        int added = tokenizer.Template.PairAddedCount;
        TokenEncoding cut = tokenizer.Encode("a a a a", "a a a a", new EncodeOptions { MaxLength = added + 3 });
        Assert.Equal(added + 3, cut.Count);
        TokenEncoding padded = tokenizer.Encode("a", options: new EncodeOptions { PaddingLength = 20 });
        Assert.Equal(20, padded.Count);
        Assert.Equal(tokenizer.SpecialTokens.PaddingTokenId, padded.Ids[^1]);
        Assert.Equal(tokenizer.Encode("a").Count, padded.AttentionMask.Sum());
    }

    [Fact]
    public void Encode_AnyText_GivesIdsOfTheVocabularyAndPlacesInTheText()
    {
        SubwordTokenizer tokenizer = Create();
        foreach (string text in Texts)
        {
            TokenEncoding encoding = tokenizer.Encode(text, options: new EncodeOptions { AddSpecialTokens = false });
            Assert.Equal(encoding.Ids, tokenizer.EncodeToIds(text));
            Assert.All(encoding.Ids, id => Assert.InRange(id, 0, tokenizer.Vocabulary.Count - 1));
            int last = 0;
            foreach (TokenOffset place in encoding.Offsets)
            {
                Assert.InRange(place.Start, last, text.Length);
                Assert.InRange(place.End, place.Start, text.Length);
                last = place.Start;
            }
        }
    }

    [Fact]
    public void EncodeToIds_FromManyThreads_GivesTheSame()
    {
        int[][] expected = [.. Texts.Select(text => Create().EncodeToIds(text))];
        SubwordTokenizer tokenizer = Create();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            int place = i % Texts.Length;
            Assert.Equal(expected[place], tokenizer.EncodeToIds(Texts[place]));
            Assert.Equal(expected[place], tokenizer.Encode(Texts[place], options: new EncodeOptions { AddSpecialTokens = false }).Ids);
        });
    }

    [Fact]
    public void EncodeToIds_TextThatIsNotUtf16_IsRefusedAndAddsNothing()
    {
        SubwordTokenizer tokenizer = Create().With(invalidText: InvalidTextHandling.Throw);
        var ids = new List<int> { 1 };
        Assert.Equal(3, Assert.Throws<InvalidTextException>(() => tokenizer.EncodeToIds("a a\uD83D a".AsSpan(), ids)).Position);
        Assert.Equal([1], ids);
    }

    [Fact]
    public void Decode_OfIds_EncodesToThemAgain()
    {
        SubwordTokenizer tokenizer = Create();
        int[] ids = tokenizer.EncodeToIds("a a a");
        Assert.Equal(ids, tokenizer.EncodeToIds(tokenizer.Decode(ids)));
        Assert.Equal(tokenizer.Decode(ids), tokenizer.Decode(ids, skipSpecialTokens: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([tokenizer.Vocabulary.Count]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.GetText(-1));
        Assert.All(Enumerable.Range(0, tokenizer.Vocabulary.Count), id => Assert.Equal(tokenizer.Decode([id], skipSpecialTokens: false), tokenizer.GetText(id)));
        Assert.All(Enumerable.Range(0, tokenizer.Vocabulary.Count).Where(tokenizer.IsSpecial), id =>
            Assert.False(tokenizer.ContinuesWord(id, ids[0])));
        Assert.False(tokenizer.ContinuesWord(-1, ids[0]) || tokenizer.ContinuesWord(tokenizer.Vocabulary.Count, ids[0]));
    }

    [Fact]
    public void Decode_IntoASpan_GivesAsManyIdsAsItHolds()
    {
        SubwordTokenizer tokenizer = Create();
        int[] ids = tokenizer.EncodeToIds("a a a");
        string text = tokenizer.Decode(ids);
        var destination = new char[text.Length];
        Assert.Equal(OperationStatus.Done, tokenizer.Decode(ids, destination, out int consumed, out int written));
        Assert.Equal((ids.Length, text), (consumed, new string(destination, 0, written)));
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, destination.AsSpan(0, text.Length - 1), out consumed, out written));
        Assert.Equal(tokenizer.Decode(ids.Take(consumed)), new string(destination, 0, written));
        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, [], out consumed, out written));
        Assert.Equal((0, 0), (consumed, written));
    }

    [Fact]
    public void MicrosoftTokenizer_OfAnyText_AgreesWithEncode()
    {
        Tokenizer tokenizer = Create();
        foreach (string text in Texts)
        {
            TokenEncoding encoding = Create().Encode(text, options: new EncodeOptions { AddSpecialTokens = false });
            IReadOnlyList<EncodedToken> tokens = tokenizer.EncodeToTokens(text, out string? normalized);
            Assert.Null(normalized);
            Assert.Equal(encoding.Ids, tokenizer.EncodeToIds(text));
            Assert.Equal(encoding.Count, tokenizer.CountTokens(text));
            Assert.Equal(encoding.Ids, tokens.Select(token => token.Id));
            Assert.Equal(encoding.Tokens, tokens.Select(token => token.Value));
            Assert.Equal(encoding.Offsets.Select(place => place.Start..place.End), tokens.Select(token => token.Offset));
            for (int count = 1; count < encoding.Count; count++)
            {
                int first = count; // whole characters only
                while (first > 0 && SharesCharacter(first))
                    first--;
                Assert.Equal(encoding.Ids.Take(first), tokenizer.EncodeToIds(text, count, out _, out int consumed));
                Assert.Equal(first == 0 ? 0 : encoding.Offsets[first - 1].End, consumed);
                Assert.Equal(consumed, tokenizer.GetIndexByTokenCount(text, count, out _, out int counted));
                Assert.Equal(first, counted);
                int last = count;
                while (last > 0 && SharesCharacter(encoding.Count - last))
                    last--;
                int start = tokenizer.GetIndexByTokenCountFromEnd(text, count, out _, out counted);
                Assert.Equal(last, counted);
                Assert.Equal(last == 0 ? text.Length : encoding.Offsets[^last].Start, start);
            }

            bool SharesCharacter(int place) =>
                place < encoding.Count && encoding.Offsets[place].Start < encoding.Offsets[place - 1].End;

            Assert.Equal(text.Length, tokenizer.GetIndexByTokenCount(text, 1000, out _, out _));
            Assert.Equal(0, tokenizer.GetIndexByTokenCountFromEnd(text, 1000, out _, out _));
        }

        Assert.Throws<ArgumentException>(() => tokenizer.EncodeToIds("a", considerNormalization: false));
        Assert.Throws<ArgumentException>(() => tokenizer.CountTokens("a", considerPreTokenization: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.EncodeToIds("a", 0, out _, out _));
    }

    private static Dictionary<string, byte[]> Edited(SubwordTokenizer tokenizer, Action<JsonNode> edit)
    {
        JsonNode json = JsonNode.Parse(tokenizer.ToFiles()["tokenizer.json"])!;
        edit(json);
        return new(StringComparer.Ordinal) { ["tokenizer.json"] = Encoding.UTF8.GetBytes(json.ToJsonString()) };
    }

    private static SubwordTokenizer Open(IReadOnlyDictionary<string, byte[]> files) =>
        SubwordTokenizer.FromFiles(name => files.TryGetValue(name, out byte[]? bytes) ? new MemoryStream(bytes) : null, "model");

    private static void AssertSame(SubwordTokenizer expected, SubwordTokenizer actual)
    {
        Assert.Equal(expected.GetType(), actual.GetType());
        Assert.Equal(expected.ModelType, actual.ModelType);
        Assert.Equal(expected.Vocabulary, actual.Vocabulary);
        Assert.Equal(expected.SpecialTokens, actual.SpecialTokens);
        Assert.Equal(expected.Fingerprint, actual.Fingerprint);
        Assert.Equal((expected.LowersCase, expected.StripsAccents), (actual.LowersCase, actual.StripsAccents));
        for (int id = 0; id < expected.Vocabulary.Count; id++)
        {
            Assert.Equal(expected.IsSpecial(id), actual.IsSpecial(id));
            Assert.Equal(expected.ContinuesWord(id, 0), actual.ContinuesWord(id, 0));
            Assert.Equal(expected.ContinuesWord(id, id), actual.ContinuesWord(id, id));
            Assert.Equal(expected.GetText(id), actual.GetText(id));
        }

        foreach (string text in Texts)
        {
            Assert.Equal(expected.Encode(text).Offsets, actual.Encode(text).Offsets);
            TokenEncoding pair = expected.Encode(text, "a b"), other = actual.Encode(text, "a b");
            Assert.Equal(pair.Ids, other.Ids);
            Assert.Equal(pair.TokenTypeIds, other.TokenTypeIds);
        }
    }

    private static void AssertSame(IReadOnlyDictionary<string, byte[]> expected, IReadOnlyDictionary<string, byte[]> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, file => Assert.Equal(file.Value, actual[file.Key]));
    }
}
