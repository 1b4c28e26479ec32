using System.Globalization;
using CsCheck;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Decoders;
using MlNetBert.Text.Tokenizers.Models;
using MlNetBert.Text.Tokenizers.Models.Unigram;

namespace MlNetBert.Text.Tests.Tokenizers.Models.Unigram;

public sealed class UnigramModelTests
{
    [Fact]
    public void Spell_TheExampleOfHuggingFace_HasItsPieces()
    {
        var model = Model(("<unk>", 0), ("a", 0), ("b", 0), ("c", 0), ("d", 0), ("cd", 1), ("ab", 2), ("abc", 5), ("abcd", 10));
        Assert.Equal("abcd 4, a 1, cd 2, <unk> 2", Spell(model, "abcdacdxx"));
    }

    [Fact]
    public void Spell_EqualSums_TakesThePieceThatBeginsFirst()
    {
        var model = Model(("<unk>", 0), ("a", -1), ("b", -1), ("c", -1), ("ab", -2), ("bc", -2), ("abc", -3));
        Assert.Equal("abc 3", Spell(model, "abc"));
        Assert.Equal("ab 2", Spell(model, "ab"));
    }

    [Fact]
    public void Spell_UnknownCharacters_AreOneTokenInARow()
    {
        var model = Model(("<unk>", 0), ("a", -1));
        Assert.Equal("<unk> 3, a 1, <unk> 4", Spell(model, "xyza\uD83D\uDE00\uD835\uDCB3"));
    }

    [Fact]
    public void Spell_UnknownCharactersThatAreAPieceTogether_AreThatPiece()
    {
        // "xy" costs more than two unknown characters, so that these are better; what they make is in the vocabulary all the same.
        var model = Model(("<unk>", 0), ("a", 20), ("xy", 15));
        Assert.Equal("xy 2", Spell(model, "xy"));
        var dear = new UnigramModel([new("<unk>", 0), new("a", 100), new("xy", 0)], 0);
        Assert.Equal("xy 2", Spell(dear, "xy"));
    }

    [Fact]
    public void Spell_TheTextOfTheUnknownToken_IsUnknownWithItsNeighbors()
    {
        var model = Model(("<unk>", 0), ("a", -1));
        Assert.Equal("a 1, <unk> 6, a 1", Spell(model, "ax<unk>a"));
    }

    [Theory]
    [InlineData("a\nb", "1 3 2")]
    [InlineData("a\n\nb", "1 3 3 2")]
    [InlineData("aéb", "1 4 5 2")]
    [InlineData("aèb", "1 0 2")] // all bytes or none
    [InlineData("aéèb", "1 0 2")]
    public void Encode_ByteFallback_SpellsWhatIsUnknownWithItsBytes(string text, string ids)
    {
        var tokenizer = SubwordTokenizer.Create(new TokenizerPipeline
        {
            Model = new UnigramModel(
                [new("<unk>", 0), new("a", -1), new("b", -1), new("<0x0A>", -2), new("<0xC3>", -2), new("<0xA9>", -2)], 0,
                byteFallback: true),
            Decoder = new SequenceDecoder([new ByteFallbackDecoder(), new FuseDecoder()]),
            SpecialTokens = new() { UnknownTokenId = 0 },
        });
        int[] expected = [.. ids.Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        Assert.Equal(expected, tokenizer.EncodeToIds(text));
        string decoded = tokenizer.Decode(expected, skipSpecialTokens: false);
        Assert.Equal(expected.Contains(0) ? "a<unk>b" : text, decoded);
    }

    [Fact]
    public void Spell_BytesOfACharacter_ShareItsPlace()
    {
        var pieces = new List<Subword>();
        new UnigramModel([new("<unk>", 0), new("<0xC3>", -2), new("<0xA9>", -2)], 0, byteFallback: true).Spell("é", pieces);
        Assert.Equal([new(1, 1), new(2, 0)], pieces);
    }

    [Fact]
    public void Spell_NoUnknownToken_IsRefusedByTheCharacter()
    {
        var model = new UnigramModel([new("a", -1)], unknownId: null);
        Assert.Null(model.UnknownToken);
        var exception = Assert.Throws<InvalidOperationException>(() => Spell(model, "ax"));
        Assert.Contains("'x'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_PiecesTwice_TakesTheLast()
    {
        var model = Model(("<unk>", 0), ("a", -1), ("a", -9));
        Assert.Equal([new("<unk>", 0), new("a", 2)], model.Vocabulary);
        Assert.Equal("a 1", Spell(model, "a"));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Constructor_AScoreThatIsNotFinite_IsRefused(double score) =>
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => Model(("<unk>", 0), ("a", score))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Constructor_AnUnknownIdWithoutPiece_IsRefused(int id) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnigramModel([new("a", 0)], id));

    [Fact]
    public void Spell_AnyWord_HasTheGreatestSumOfAllSpellings() =>
        Gen.Select(Gen.String[Gen.Char["abc"], 1, 3].Array[1, 12], Gen.Int[-90, -1].Array[12], Gen.String[Gen.Char["abcx"], 1, 8]).Sample(
            (pieces, scores, word) =>
            {
                string[] distinct = [.. pieces.Distinct(StringComparer.Ordinal)];
                var model = new UnigramModel(
                    [new("<unk>", 0), .. distinct.Select((piece, i) => KeyValuePair.Create(piece, scores[i] / 8.0))], 0);
                var found = new List<Subword>();
                model.Spell(word, found);
                Assert.Equal(word.Length, found.Sum(piece => piece.Length));
                double worst = model.Pieces.Min(piece => piece.Value) - UnigramModel.UnknownPenalty;
                double sum = found.Sum(piece => piece.Id == 0 ? worst * piece.Length : model.Pieces[piece.Id].Value);
                Assert.Equal(Best(model, worst, word), sum, 1e-9);
            },
            iter: 2_000);

    [Fact]
    public void Spell_AWordOfAMillionCharacters_IsSpelledToItsEnd()
    {
        var model = Model(("<unk>", 0), ("a", -3), ("aa", -4), ("aaaa", -5));
        var pieces = new List<Subword>();
        model.Spell(new string('a', 1_000_002), pieces);
        Assert.Equal(250_001, pieces.Count);
        Assert.Equal(1_000_002, pieces.Sum(piece => piece.Length));
    }

    [Fact]
    public void ContinuesWord_ByTheMarkOfABlank_AndLettersBesideLetters()
    {
        var model = Model(("<unk>", 0));
        Assert.False(model.ContinuesWord("\u2581the", "cat"));
        Assert.True(model.ContinuesWord("the", "\u2581"));
        Assert.True(model.ContinuesWord("s", "\u2581cat"));
        Assert.False(model.ContinuesWord(".", "\u2581cat"));
        Assert.False(model.ContinuesWord("a", string.Empty));
    }

    /// <summary>The best sum, by trying every spelling.</summary>
    private static double Best(UnigramModel model, double worst, string rest)
    {
        if (rest.Length == 0)
            return 0;
        double best = double.NegativeInfinity;
        bool isKnown = false;
        foreach ((string piece, double score) in model.Pieces)
        {
            if (!rest.StartsWith(piece, StringComparison.Ordinal))
                continue;
            isKnown |= piece.Length == 1;
            best = Math.Max(best, score + Best(model, worst, rest[piece.Length..]));
        }

        return isKnown ? best : Math.Max(best, worst + Best(model, worst, rest[1..]));
    }

    private static UnigramModel Model(params (string Piece, double Score)[] pieces) =>
        new(pieces.Select(piece => KeyValuePair.Create(piece.Piece, piece.Score)), 0);

    private static string Spell(UnigramModel model, string word)
    {
        var pieces = new List<Subword>();
        model.Spell(word, pieces);
        return string.Join(
            ", ", pieces.Select(piece => string.Create(CultureInfo.InvariantCulture, $"{model.Pieces[piece.Id].Key} {piece.Length}")));
    }
}
