using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Text.Tests.Tokenizers;

/// <summary>Added tokens with every flag, against Hugging Face's AddedVocabulary written down plainly.</summary>
public sealed class AddedTokensTests
{
    /// <summary>What each character of these tests becomes: lower case, without accents, ideographs between blanks.</summary>
    private static readonly Dictionary<char, string> Normal = new()
    {
        ['a'] = "a",
        ['B'] = "b",
        ['b'] = "b",
        ['É'] = "e",
        ['e'] = "e",
        ['中'] = " 中 ",
        ['\u0301'] = "",
        ['\u0007'] = "",
        [' '] = " ",
        ['\t'] = " ",
        ['.'] = ".",
        ['_'] = "_",
        ['ß'] = "ß",
    };

    private static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    private static readonly string[] Characters = ["a", "b", "e", "中", ".", "_", "ß"];

    [Theory]
    [InlineData("Somecompany grows", "5|6", "0-11|12-17")]
    [InlineData("SomeCompanygrows", "5|6", "0-11|11-16")]
    [InlineData("sómécompany", "5", "0-11")]
    [InlineData("some company", "1|1", "0-4|5-12")]
    [InlineData("so\u0301mecompany.grows", "5|7|6", "0-12|12-13|13-18")]
    public void Encode_NormalizedToken_IsFoundInNormalizedText(string text, string ids, string offsets)
    {
        SubwordTokenizer tokenizer = Make(["somecompany", "grows", "."], new AddedToken("somecompany", Special: false) { Normalized = true });
        TokenEncoding encoding = tokenizer.Encode(text, options: new() { AddSpecialTokens = false });
        Assert.Equal(ids, string.Join('|', encoding.Ids));
        Assert.Equal(offsets, string.Join('|', encoding.Offsets.Select(offset => $"{offset.Start}-{offset.End}")));
        Assert.Equal(encoding.Ids, tokenizer.EncodeToIds(text));
    }

    [Fact]
    public void Encode_OverlappingTokens_LeftmostThenLongestWhateverTheOrder()
    {
        SubwordTokenizer tokenizer = Make(["ab", "bcd", "ab1", "ab12", "c", "##d", "x", "y"], new("ab"), new("bcd"), new("ab1"), new("ab12"));
        Assert.Equal([5, 9, 10], tokenizer.EncodeToIds("abcd"));
        Assert.Equal([11, 8, 12, 7], tokenizer.EncodeToIds("xab12y ab1"));
        Assert.Equal([6, 5, 5], tokenizer.EncodeToIds("bcdabab"));
        Assert.Equal([11, 8], tokenizer.EncodeToIds("x" + new string(' ', 70_000) + "ab12"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Encode_LongTokens_LeftmostThenLongestInOneWalk(bool normalized)
    {
        // Each place of the text may begin the long token: trying each would take 10^10 steps.
        string longest = new string('a', 100_000) + "b";
        SubwordTokenizer tokenizer = Make(
            [longest, "a", "aab", "bba", ".", new string('.', 70) + "b"],
            [.. new[] { longest, "a", "aab", "bba" }.Select(text => new AddedToken(text) { Normalized = normalized })]);
        Assert.Equal(Enumerable.Repeat(6, 200_000), tokenizer.EncodeToIds(new string('a', 200_000)));
        Assert.Equal([6, 6, 5, 6, 8, 9], tokenizer.EncodeToIds("aa" + longest + "abba."));
        Assert.Equal([6, 7, 8], tokenizer.EncodeToIds("aaabbba"));
        Assert.Equal([9, 5], tokenizer.EncodeToIds("." + longest));
        Assert.Equal([6, .. Enumerable.Repeat(9, 70_000), 5], tokenizer.EncodeToIds("a" + new string('.', 70_000) + longest));
    }

    [Fact]
    public void Encode_TokensOfAnyLength_AreFoundAsShortOnes()
    {
        string[] texts = ["ab", "bcd", "ab1", "ab12", "b", "cda", "bb"];
        SubwordTokenizer shorts = Make([.. Characters, .. texts, "c", "d", "1"], [.. texts.Select(text => new AddedToken(text))]);
        string far = new('z', 65); // tokens of more than 64 characters are sought by the automaton
        SubwordTokenizer longs = Make(
            [.. Characters, .. texts, "c", "d", "1", far], [.. texts.Append(far).Select(text => new AddedToken(text))]);
        Gen.String[Gen.Char["abcd12 "], 0, 20].Sample(text =>
            Assert.Equal(shorts.Encode(text).Ids.Zip(shorts.Encode(text).Offsets), longs.Encode(text).Ids.Zip(longs.Encode(text).Offsets)));
    }

    [Fact]
    public void Encode_WhiteSpaceThatTheTokenBeforeTook_IsNoFurtherToken()
    {
        SubwordTokenizer tokenizer = Make(["a", "\t", " ", "b"], new("a") { RightStrip = true }, new("\t") { LeftStrip = true }, new(" "));
        Assert.Equal([5, 8], tokenizer.EncodeToIds("a\tb"));
        Assert.Equal([5, 8, 6], tokenizer.EncodeToIds("a\t\tb\t"));
        Assert.Equal([5, 7, 8], tokenizer.EncodeToIds("a b")); // as Hugging Face's, which looks back only to the left
    }

    [Fact]
    public void Encode_BothKinds_WrittenTokensComeFirst()
    {
        SubwordTokenizer tokenizer = Make(["covid land", "COVID", "covid", "land", "##land"], new AddedToken("covid land") { Normalized = true }, new AddedToken("COVID"));
        Assert.Equal([5], tokenizer.EncodeToIds("Covid Land"));
        Assert.Equal([6, 8], tokenizer.EncodeToIds("COVID Land"));
        Assert.Equal([7, 9], tokenizer.EncodeToIds("covidland"));
    }

    [Fact]
    public void Decode_NormalizedToken_GivesItsNormalizedForm()
    {
        SubwordTokenizer tokenizer = Make(["Some Company", "grows", ".", "##ing", "it's", "##x"], new("Some Company", Special: false) { Normalized = true }, new("it's", Special: false), new("##x", Special: false));
        Assert.Equal("some company grows.", tokenizer.Decode([5, 6, 7]));
        Assert.Equal("grows some companying", tokenizer.Decode([2, 6, 5, 8, 3]));
        Assert.Equal("grows it's", tokenizer.Decode([6, 9]));
        Assert.Equal("growsx", tokenizer.Decode([6, 10]));
    }

    [Fact]
    public void FromVocabulary_TokenOfWhichNothingIsLeft_IsRefused() =>
        Assert.Contains("nothing is left", Assert.Throws<TokenizerFormatException>(() => Make(["\u0301"], new AddedToken("\u0301") { Normalized = true })).Message, StringComparison.Ordinal);

    [Fact]
    public void Encode_LoneSurrogateBehindATokenWithNormalizedOnes_NamesThePosition()
    {
        SubwordTokenizer tokenizer = Make(["somecompany"], new AddedToken("somecompany") { Normalized = true });
        Assert.Equal(8, Assert.Throws<InvalidTextException>(() => tokenizer.EncodeToIds("[MASK] a\uD83D b")).Position);
        SubwordTokenizer lenient = tokenizer.With(invalidText: InvalidTextHandling.Replace);
        TokenEncoding encoding = lenient.Encode("a\uD83DSomecompany", options: new() { AddSpecialTokens = false });
        Assert.Equal([1, 5], encoding.Ids);
        Assert.Equal([new(0, 1), new(2, 13)], encoding.Offsets);
    }

    [Fact]
    public void Encode_NormalizedTokenThatIsNowhere_ChangesNothing()
    {
        SubwordTokenizer plain = Make(Characters);
        SubwordTokenizer other = Make([.. Characters, "aaaaaaaaaab"], new AddedToken("aaaaaaaaaab") { Normalized = true });
        Gen.String[Gen.Char["aBbÉe中\u0301 \t._ß"], 0, 9].Sample(text =>
            Assert.Equal(plain.Encode(text).Ids.Zip(plain.Encode(text).Offsets), other.Encode(text).Ids.Zip(other.Encode(text).Offsets)));
    }

    [Fact]
    public void Encode_AnyTokensAndText_AsHuggingFace()
    {
        var token = Gen.Select(Gen.String[Gen.Char["aBe中._ "], 1, 3], Gen.Bool.Array[4], (content, flags) =>
            new AddedToken(content, Special: false) { LeftStrip = flags[0], RightStrip = flags[1], SingleWord = flags[2], Normalized = flags[3] });
        Gen.Select(token.Array[1, 5], Gen.String[Gen.Char["aBbÉe中\u0301\u0007 \t._ß"], 0, 20]).Sample(
            (tokens, text) =>
            {
                AddedToken[] added = [.. tokens.DistinctBy(entry => entry.Content, StringComparer.Ordinal).DistinctBy(entry => (entry.Normalized, Form(entry)))];
                SubwordTokenizer tokenizer = Outside(added);

                TokenEncoding encoding = tokenizer.Encode(text, options: new() { AddSpecialTokens = false });

                List<(string Piece, int Start, int End)> expected = Expected(text, added);
                Assert.Equal(expected, encoding.Tokens.Zip(encoding.Offsets, (piece, offset) => (piece, offset.Start, offset.End)));
                Assert.Equal(encoding.Ids, tokenizer.EncodeToIds(text));
            },
            iter: 2_000);
    }

    private static SubwordTokenizer Make(string[] pieces, params AddedToken[] tokens) =>
        SubwordTokenizer.FromVocabulary([.. Specials, .. pieces], new() { AddedTokens = tokens });

    /// <summary>A tokenizer of single characters, with tokens that no word is spelt with.</summary>
    private static SubwordTokenizer Outside(AddedToken[] tokens)
    {
        string[] pieces = [.. Specials, .. Characters, .. Characters.Select(character => "##" + character)];
        var files = SubwordTokenizer.FromVocabulary(pieces).ToFiles().ToDictionary();
        JsonNode json = JsonNode.Parse(files["tokenizer.json"])!;
        int next = pieces.Length;
        foreach (AddedToken token in tokens)
        {
            int place = Array.IndexOf(pieces, token.Content);
            json["added_tokens"]!.AsArray().Add(new JsonObject
            {
                ["id"] = place < 0 ? next++ : place,
                ["content"] = token.Content,
                ["single_word"] = token.SingleWord,
                ["lstrip"] = token.LeftStrip,
                ["rstrip"] = token.RightStrip,
                ["normalized"] = token.Normalized,
                ["special"] = token.Special,
            });
        }

        byte[] bytes = Encoding.UTF8.GetBytes(json.ToJsonString());
        return SubwordTokenizer.FromFiles(name => name == "tokenizer.json" ? new MemoryStream(bytes) : null, "model");
    }

    private static string Form(AddedToken token) => token.Normalized ? string.Concat(token.Content.Select(character => Normal[character])) : token.Content;

    /// <summary>extract_and_normalize of tokenizers, then words and their characters.</summary>
    private static List<(string Piece, int Start, int End)> Expected(string text, AddedToken[] tokens)
    {
        var result = new List<(string Piece, int Start, int End)>();
        foreach ((AddedToken? token, int start, int end) in FindMatches(text, [.. tokens.Where(entry => !entry.Normalized)]))
        {
            if (token is not null)
            {
                result.Add((token.Content, start, end));
                continue;
            }

            var normalized = new StringBuilder();
            var places = new List<int>();
            for (int i = start; i < end; i++)
            {
                normalized.Append(Normal[text[i]]);
                while (places.Count < normalized.Length)
                    places.Add(i);
            }

            foreach ((AddedToken? inner, int from, int to) in FindMatches(normalized.ToString(), [.. tokens.Where(entry => entry.Normalized)]))
            {
                if (inner is not null)
                    result.Add((inner.Content, places[from], places[to - 1] + 1));
                else
                    result.AddRange(Letters(normalized.ToString(), from, to, places));
            }
        }

        return result;
    }

    private static IEnumerable<(string Piece, int Start, int End)> Letters(string text, int from, int to, List<int> places)
    {
        bool inWord = false;
        for (int i = from; i < to; i++)
        {
            bool punctuation = text[i] is '.' or '_';
            if (text[i] != ' ')
                yield return (inWord && !punctuation ? "##" + text[i] : text[i].ToString(), places[i], places[i] + 1);
            inWord = text[i] != ' ' && !punctuation;
        }
    }

    /// <summary>find_matches of tokenizers.</summary>
    private static List<(AddedToken? Token, int Start, int End)> FindMatches(string sentence, AddedToken[] tokens)
    {
        var splits = new List<(AddedToken?, int, int)>();
        int startOffset = 0;
        for (int at = 0; at < sentence.Length;)
        {
            AddedToken? token = tokens.Where(entry => string.CompareOrdinal(sentence, at, Form(entry), 0, Form(entry).Length) == 0).MaxBy(entry => Form(entry).Length);
            if (token is null)
            {
                at++;
                continue;
            }

            (int start, int stop) = (at, at + Form(token).Length);
            at = stop;
            if (token.SingleWord && ((start > 0 && IsWord(sentence[start - 1])) || (stop < sentence.Length && IsWord(sentence[stop]))))
                continue;
            if (token.LeftStrip)
                start = Math.Max(sentence[..start].TrimEnd().Length, startOffset);
            if (start >= stop)
                continue; // it drops what is empty
            if (token.RightStrip)
                stop = sentence.Length - sentence[stop..].TrimStart().Length;
            if (startOffset < start)
                splits.Add((null, startOffset, start));
            splits.Add((token, start, stop));
            startOffset = stop;
        }

        if (startOffset != sentence.Length)
            splits.Add((null, startOffset, sentence.Length));
        return splits;
    }

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character is '_' or '\u0301';
}
