using CsCheck;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Patterns;

namespace MlNetBert.Text.Tests.Tokenizers.Patterns;

public sealed class TextPatternTests
{
    public static TheoryData<string> WordPatterns =>
        [Gpt2WordPattern.Regex, LlamaWordPattern.RegexOf("{1,3}"), LlamaWordPattern.RegexOf("")];

    /// <summary>Words as Oniguruma finds them, the matches set between bars.</summary>
    public static TheoryData<string, string, string> Matches => new()
    {
        // Code points beyond U+FFFF are one character, of their own category.
        { @"\p{L}+", "ab𠮷cd 𝐱y", "|ab𠮷cd| |𝐱y|" },
        { @"\p{N}{1,3}", "𝟜𝟚𝟜𝟚", "|𝟜𝟚𝟜|𝟚|" },
        { "x.y", "x😀y", "|x😀y|" },
        { "x..y", "x😀y", "x😀y" },
        { "[^a-z]", "a😀b", "a|😀|b" },
        { "[😀-😂]+", "😀😁😃", "|😀😁|😃" },
        { "😁?a", "😁a😀a", "|😁a|😀|a|" },
        { "[\uE000-\uE0FF]", "\uE001😀", "|\uE001|😀" }, // what stands in for others is itself still
        { @"\p{Co}+", "\uE000\uE001\U000F0000a", "|\uE000\uE001\U000F0000|a" },
        { @"\x{1F600}|\u00e9", "é😀", "|é|😀|" },

        // Possessive forms.
        { "a++a", "aaa", "aaa" },
        { "a?+a", "a", "a" },
        { "(?:ab)*+c", "ababc", "|ababc|" },
        { "a{1,2}+b", "aaaab", "|aaaab|" }, // behind an interval a plus repeats once more
        { "a{2,1}a", "aa", "aa" }, // falling numbers are possessive
        { "a{1,2}?", "aa", "|a|a|" },
        { "xa{2}?y", "xy", "|xy|" }, // behind one number the question mark makes it optional
        { "a{,2}b", "aaab", "a|aab|" },
        { "a{b}{,}", "a{b}{,}", "|a{b}{,}|" }, // braces that are no interval

        // Classes.
        { "[a-c&&[^b]]+", "abc", "|a|b|c|" },
        { @"[[:digit:]\-x]+", "1-x٣a", "|1-x٣|a" },
        { @"[^[:^space:]]", "a b", "a| |b" },
        { @"[\w&&\P{L}]+", "a_1b", "a|_1|b" },
        { @"[]a]", "]", "|]|" },
        { @"[a\]b]+", "a]b", "|a]b|" },
        { @"\h+", "fg", "|f|g" },
        { @"\p{^L}|\P{Letter}", "a1", "a|1|" },
        { @"\p{lowercase_letter}", "aB", "|a|B" },
        { @"\w", "ⅷⒶ", "|ⅷ|Ⓐ|" }, // .NET's own \w has neither
        { @"\w+|\p{Word}", "a²¼b½", "|a²¼b½|" }, // outside of classes Latin-1's numbers are parts of words
        { @"[\w]+", "a²¼b½", "|a|²¼|b|½" },
        { @"\b", "²a", "||²a||" },
        { @"\p{Punct}+", "a$+!", "a$+|!|" },
        { @"[[:punct:]]+", "a$¢+!", "a|$¢+!|" }, // with the symbols
        { @"\bb", "ⅷb b", "ⅷb |b|" },

        // Options.
        { "(?i:'s)x", "'Sx'ſx'sX", "|'Sx|'ſx|'sX" },
        { "(?i)K", "k\u212A", "|k|\u212A|" },
        { "(?i:ä)", "Ä", "|Ä|" },
        { "a(?i)b|c", "aBaCac", "|aB|aC|ac|" }, // as Oniguruma has it, the option is a group
        { "(?m:a.b)|a.b", "a\nb", "|a\nb|" },
        { "a.b", "a\nb", "a\nb" },

        // Anchors are of lines.
        { "^", "a\n", "||a\n" },
        { "^", "a\nb", "||a\n||b" },
        { @"\033\07|\0", "\u001B\u0007\0", "|\u001B\u0007|\0|" },
        { "^a|b$", "a\na\nb\nb", "|a|\n|a|\n|b|\n|b|" },
        { @"\s+(?!\S)|\s+", "a  b ", "a| | |b| |" },
        { @"(?<=a)b|b(?=c)", "abbc", "a|b|b|c" },
        { @"(?<name>a)(b)(?#comment)", "ab", "|ab|" },
        { @"\R", "a\r\nb", "a|\r\n|b" },
    };

    [Theory]
    [MemberData(nameof(Matches))]
    public void Cut_ByARegularExpression_FindsWhatOnigurumaFinds(string regex, string text, string expected)
    {
        var pattern = new TextPattern(regex, isRegex: true);
        Assert.Equal(expected, Shown(pattern.Cut(text), text));
        Assert.Equal(text, string.Concat(pattern.Cut(text).Select(part => text[part.Start..part.End])));
    }

    [Theory]
    [InlineData(@"\p{Han}", @"'\p{Han}', a property")]
    [InlineData("[[:alpha:]]", "'[:alpha:]', a property")]
    [InlineData(@"(a)\1", @"'\1'")]
    [InlineData(@"\k<a>", @"'\k'")]
    [InlineData(@"\Ga", @"'\G'")]
    [InlineData(@"\X", @"'\X'")]
    [InlineData("(?x)a", "'(?x'")]
    [InlineData("(?~a)", "'(?~'")]
    [InlineData("(?(1)a|b)", "'(?('")]
    [InlineData("(*FAIL)", "'(*'")]
    [InlineData("(a", "group that is not closed")]
    [InlineData("a)", "group that is not open")]
    [InlineData("[a", "class '[' that is not closed")]
    [InlineData("+a", "repeats nothing with '+'")]
    [InlineData("a|*", "repeats nothing with '*'")]
    [InlineData("[b-a]", "range of characters")]
    [InlineData(@"\x{110000}", "valid number")]
    [InlineData(@"\p", "without a name")]
    [InlineData("a{100000}", "99999")]
    [InlineData(@"a\", "backslash")]
    public void Read_ARegularExpressionThatIsNotSupported_NamesWhy(string regex, string fault)
    {
        JsonPart part = JsonPart.Parse(
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { pattern = new { Regex = regex } }), "tokenizer.json");
        string message = Assert.Throws<TokenizerFormatException>(() => TextPattern.Read(part.Required("pattern"))).Message;
        Assert.Contains("tokenizer.json: 'pattern.Regex' is a regular expression that", message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfRegex_ClassesOneInAnother_AreReadUpToALimit()
    {
        Assert.Equal("|a|b", Shown(TextPattern.OfRegex(Nested(50)).Cut("ab"), "ab"));
        foreach (int depth in (int[])[51, 4_000])
        {
            string message = Assert.Throws<ArgumentException>(() => TextPattern.OfRegex(Nested(depth))).Message;
            Assert.Contains("more than 50 classes", message, StringComparison.Ordinal);
        }

        static string Nested(int depth) => new string('[', depth) + "a" + new string(']', depth);
    }

    [Theory]
    [InlineData(" ?[0-9]", "b 23 ab23", "b| 2|3| ab|2|3|")]
    [InlineData(" ?a+", " bb\na a", " bb\n|a| a|")]
    [InlineData("x?[0-9]", "xb21", "xb|2|1|")]
    [InlineData(" ?, ?", " a,,", " a|,|,|")]
    [InlineData("(?: {2,}a{1,2} {1,2}|b+?a)+|[ab](?: a{1,2}|[ab]+|b+?a+)+?[^a]", "bb ab\n", "|bb |ab\n|")]
    public void Cut_PartsThatMayBeEmptyOrLazy_LoseNoMatch(string regex, string text, string expected) =>
        Assert.Equal(expected, Shown(new TextPattern(regex, isRegex: true).Cut(text), text));

    [Fact]
    public void Cut_APatternThatBacktracks_IsRefusedInTime()
    {
        var pattern = new TextPattern(
            "(?:a|aa)+c", isRegex: true, new JsonPlace("tokenizer.json", "pre_tokenizer.pattern.Regex"),
            TimeSpan.FromMilliseconds(20));
        string message = Assert.Throws<TokenizerFormatException>(() => pattern.Cut(new string('a', 64))).Message;
        Assert.Contains("'pre_tokenizer.pattern.Regex' is a regular expression that takes more than", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_ManyMatches_HaveTogetherTheTimeOfAText()
    {
        var clock = new Clock();
        var pattern = new TextPattern("a", isRegex: true, longest: TimeSpan.FromSeconds(5), clock: clock);
        Assert.Equal("|a|a|a|a|a|", Shown(pattern.Cut("aaaaa"), "aaaaa")); // a second each
        Assert.Contains(
            "takes more than 5 s on a text of 6 characters",
            Assert.Throws<TokenizerFormatException>(() => pattern.Cut("aaaaaa")).Message,
            StringComparison.Ordinal);

        // A longer text has more time.
        string text = "aaaaaaaa" + new string('b', 1_000_000);
        Assert.Equal("|a|a|a|a|a|a|a|a|" + text[8..], Shown(pattern.Cut(text), text));
    }

    [Fact]
    public void Cut_IntervalsWithinIntervals_AreRefusedInTime()
    {
        var pattern = new TextPattern("(?:a{0,99}){0,99}b", isRegex: true, longest: TimeSpan.FromMilliseconds(1));
        string message = Assert.Throws<TokenizerFormatException>(() => pattern.Cut(new string('a', 100_000))).Message;
        Assert.Contains("takes more than 0.001 s", message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfRegex_LettersOfAnyCase_CountOnceEach()
    {
        string text = string.Concat(Enumerable.Repeat("tokenizer", 1_000));
        Assert.Equal($"|{text}|", Shown(TextPattern.OfRegex($"(?i:{text.ToUpperInvariant()})").Cut(text), text));
        string many = string.Concat(Enumerable.Repeat(".[a-z][zb-ya]", 50)); // two sets
        Assert.Equal("a", Shown(TextPattern.OfRegex(many).Cut("a"), "a"));
        Assert.NotSame(CodePointSet.Empty, CodePointSet.Empty);
        Assert.Equal(CodePointSet.OfRange('a', 'b'), CodePointSet.OfRange('b', 'b').Union(CodePointSet.OfRange('a', 'a')));
    }

    [Theory]
    [InlineData("(?i:", 'Ā', 2_000, ")", "more than 64 different classes")] // each two letters are one set
    [InlineData("", 'a', 10_001, "", "longer than 10,000 characters")]
    [InlineData("a", '{', 10_000, "", "longer than 10,000 characters")]
    public void OfRegex_OfManyLetters_IsRefused(string before, char first, int count, string behind, string fault)
    {
        string letters = first == 'Ā'
            ? string.Concat(Enumerable.Range(first, count).Select(letter => (char)letter))
            : new string(first, count);
        string message = Assert.Throws<ArgumentException>(() => TextPattern.OfRegex(before + letters + behind)).Message;
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfRegex_ClassesThatAreLongToWrite_AreRefused()
    {
        string words = string.Concat(Enumerable.Repeat(@"\b", 4_000)); // the characters of words four times each
        string message = Assert.Throws<ArgumentException>(() => TextPattern.OfRegex(words)).Message;
        Assert.Contains("more classes of characters than are supported", message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfRegex_BracesThatAreNoIntervals_AreCharacters()
    {
        string text = new string('{', 50) + "}";
        Assert.Equal($"|{text}|", Shown(TextPattern.OfRegex(text).Cut(text), text));
        Assert.Equal("|a{1,2,3}|", Shown(TextPattern.OfRegex("a{1,2,3}").Cut("a{1,2,3}"), "a{1,2,3}"));
    }

    [Theory]
    [MemberData(nameof(WordPatterns))]
    public void EndOf_AnyText_IsThatOfTheRegularExpression(string regex)
    {
        WordPattern words = WordPattern.Of(regex)!;
        var same = new TextPattern(regex + "|(?!)", isRegex: true); // not the one that is known, but equal to it
        string[] texts =
        [
            "a", "Z", "é", "𝐱", "1", "𝟜", "²", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u2028", "'", "'s", "'S", "'ſ", "'re", "'LL", "!",
            "…",
            "😀", "\u0301", "_", "日本", "\u200D", "\0",
        ];
        Gen.Int[0, texts.Length - 1].Array[0, 12].Sample(parts =>
        {
            string text = string.Concat(parts.Select(part => texts[part]));
            var ends = new List<int>();
            for (int end = 0; end < text.Length;)
                ends.Add(end = words.EndOf(text, end));
            Assert.Equal(same.Cut(text).Select(part => part.End), ends);
        }, iter: 2_000, seed: "0000KXDQSJ24", threads: 1);
    }

    private static string Shown(IEnumerable<(int Start, int End, bool IsMatch)> parts, string text)
    {
        var shown = new System.Text.StringBuilder();
        foreach ((int start, int end, bool isMatch) in parts)
        {
            bool continues = shown.Length > 0 && shown[^1] == '|';
            shown.Append(isMatch ? $"{(continues ? "" : "|")}{text[start..end]}|" : text[start..end]);
        }

        return shown.ToString();
    }

    /// <summary>A second later whenever it is asked.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds++;
    }
}
