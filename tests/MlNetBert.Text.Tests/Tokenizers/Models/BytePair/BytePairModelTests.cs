using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Models.BytePair;

namespace MlNetBert.Text.Tests.Tokenizers.Models.BytePair;

public sealed class BytePairModelTests
{
    [Fact]
    public void Spell_TwoMergesOfOneCharacter_TakesTheEarlierOne()
    {
        Assert.Equal(["a", "bc"], Spell(Model(["b c", "a b"]), "abc"));
        Assert.Equal(["ab", "c"], Spell(Model(["a b", "b c"]), "abc"));
    }

    [Fact]
    public void Spell_EqualMerges_TakesTheLeftmostFirst()
    {
        Assert.Equal(["aa", "a"], Spell(Model(["a a"]), "aaa"));
        Assert.Equal(["aaaa", "a"], Spell(Model(["a a", "aa aa"]), "aaaaa"));
    }

    [Fact]
    public void Spell_AWordThatIsAPiece_IsThatPieceOnlyWhereMergesAreIgnored()
    {
        string[] pieces = ["a", "b", "c", "abc"];
        Assert.Equal(["a", "b", "c"], Spell(BytePairTokenizers.Model(pieces, []), "abc"));
        Assert.Equal(["abc"], Spell(BytePairTokenizers.Model(pieces, [], new BytePairSettings { IgnoreMerges = true }), "abc"));
    }

    [Fact]
    public void Spell_Marks_AreOfTheFirstAndTheLastCharacter()
    {
        BytePairModel prefixed = BytePairTokenizers.Model(
            ["a", "##a", "##b"], ["a ##b", "ab ##a"], new BytePairSettings { ContinuingPrefix = "##" });
        Assert.Equal(["aba", "##b"], Spell(prefixed, "abab"));
        Assert.True(prefixed.ContinuesWord("##b") && !prefixed.ContinuesWord("ab"));
        Assert.Equal("b", prefixed.WithoutMark("##b"));
        BytePairModel suffixed = BytePairTokenizers.Model(
            ["a", "b", "b</w>"], ["a b</w>"], new BytePairSettings { EndOfWordSuffix = "</w>" });
        Assert.Equal(["a", "b", "ab</w>"], Spell(suffixed, "abab"));
        Assert.True(suffixed.ContinuesWord("a", "b") && !suffixed.ContinuesWord("a", "ab</w>") && !suffixed.ContinuesWord("a", ""));
    }

    [Fact]
    public void Spell_UnknownCharacters_AreOneTokenEachOrAllTogether()
    {
        string[] pieces = ["<unk>", "a"];
        var settings = new BytePairSettings { UnknownToken = "<unk>" };
        Assert.Equal([new(0, 1), new(0, 2), new(1, 1)], Pieces(BytePairTokenizers.Model(pieces, [], settings), "x\U0001F600a"));
        Assert.Equal(
            [new(1, 1), new(0, 3), new(1, 1)],
            Pieces(BytePairTokenizers.Model(pieces, [], settings with { FuseUnknown = true }), "ax\U0001F600a"));
    }

    [Fact]
    public void Spell_ACharacterWithoutPieceAndUnknownToken_IsRefusedByName()
    {
        string message = Assert.Throws<InvalidOperationException>(() => Spell(Model([]), "a\U0001F600")).Message;
        Assert.Contains("U+1F600", message, StringComparison.Ordinal);
        Assert.Contains("unk_token", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spell_ByteFallback_TakesAllBytesOfACharacterOrNone()
    {
        BytePairModel model = BytePairTokenizers.Model(
            ["<unk>", "a", "<0xC3>", "<0xA9>"], [], new BytePairSettings { UnknownToken = "<unk>", ByteFallback = true });
        Assert.Equal([new(1, 1), new(2, 1), new(3, 0), new(1, 1)], Pieces(model, "aéa"));
        Assert.Equal([new(1, 1), new(0, 1), new(1, 1)], Pieces(model, "aèa"));
    }

    [Fact]
    public void Spell_AWordOfALengthOfMillions_TakesTimeInProportion()
    {
        // Quadratic, a million characters would take hours.
        BytePairModel model = Model(["a b", "ab ab", "abab abab"]);
        var pieces = new List<Subword>();
        model.Spell(string.Concat(Enumerable.Repeat("ab", 500_000)), pieces);
        Assert.Equal(125_000, pieces.Count);
    }

    [Fact]
    public void Constructor_AMergeThatNamesNoPiece_IsRefused() =>
        Assert.Contains(
            "'x' is not in the vocabulary",
            Assert.Throws<ArgumentException>(() => new BytePairModel(new Dictionary<string, int> { ["a"] = 0 }, [("a", "x")])).Message,
            StringComparison.Ordinal);

    private static BytePairModel Model(string[] merges) => BytePairTokenizers.Model(["a", "b", "c"], merges);

    private static List<Subword> Pieces(BytePairModel model, string word)
    {
        var pieces = new List<Subword>();
        model.Spell(word, pieces);
        return pieces;
    }

    private static IEnumerable<string> Spell(BytePairModel model, string word)
    {
        var names = model.Vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key);
        return Pieces(model, word).Select(piece => names[piece.Id]);
    }
}
