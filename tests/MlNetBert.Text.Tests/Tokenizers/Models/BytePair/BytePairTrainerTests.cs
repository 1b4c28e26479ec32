using CsCheck;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Training;

namespace MlNetBert.Text.Tests.Tokenizers.Models.BytePair;

public sealed class BytePairTrainerTests
{
    private static readonly string[] Texts =
        ["The cat sat on the mat.", "A dog sat on the log; the dog barked.", "猫が好き 😸 naïve café", "line\nbreak\ttab  two blanks"];

    [Fact]
    public void Train_AnyTexts_DecodesToWhatWasEncoded()
    {
        SubwordTokenizer learned = Train(Texts, 400).Tokenizer;
        var text = Gen.OneOf(
            Gen.String,
            Gen.String[Gen.Char["abc ABC\n\t\u00E9\u0301\uAC01猫\u200D\uFEFF<>mask"], 0, 40],
            Gen.Int[0x10000, 0x10FFFF].Array[0, 10].Select(points => string.Concat(points.Select(char.ConvertFromUtf32))))
            .Where(IsValid);
        text.Sample(written =>
        {
            // The blank that a text begins with is the one that is set before it otherwise.
            string expected = written.Length == 0 || written.StartsWith(' ') ? written : " " + written;
            Assert.Equal(expected, learned.Decode(learned.EncodeToIds(written), skipSpecialTokens: false));
        });
    }

    [Fact]
    public void Train_AnyTexts_EachWithItsOwnVocabulary_SpellsThem() =>
        Gen.String[Gen.Char["abcdeéßж. ,\n猫"], 0, 60].Array[1, 10].Where(texts => texts.Any(text => text.Length > 0)).Sample(
            texts =>
            {
                SubwordTokenizer tokenizer = Train(texts, 300).Tokenizer;
                foreach (string text in texts.Where(text => text.Length > 0))
                    Assert.Equal(text.StartsWith(' ') ? text : " " + text, tokenizer.Decode(tokenizer.EncodeToIds(text)));
            },
            iter: 100);

    [Fact]
    public void Train_LettersBeyondTheBasicPlane_AreLettersOfOneWord()
    {
        SubwordTokenizer tokenizer = Train([.. Enumerable.Repeat("ab𠮷cd 𝐱y", 200)], 300).Tokenizer;
        TokenEncoding encoding = tokenizer.Encode("ab𠮷cd 𝐱y");
        Assert.Equal(4, encoding.Count);
        Assert.Equal(("ab𠮷cd", " 𝐱y"), (tokenizer.GetText(encoding.Ids[1]).Trim(), tokenizer.GetText(encoding.Ids[2])));
        Assert.Equal([new(0, 6), new(7, 10)], encoding.Offsets.Skip(1).Take(2));
    }

    [Fact]
    public void Train_Defaults_IsMadeAsRoberta()
    {
        SubwordTokenizer tokenizer = Train(Texts, 400).Tokenizer;
        Assert.Equal("BPE", tokenizer.ModelType);
        SpecialTokens special = tokenizer.SpecialTokens;
        Assert.Equal(
            (0, 0, 1, 2, 2, 3, 4),
            (special.BeginningOfTextTokenId, special.ClassificationTokenId, special.PaddingTokenId, special.EndOfTextTokenId,
                special.SeparatorTokenId, special.UnknownTokenId, special.MaskTokenId));
        Assert.Equal([0, 2, 2, 2], tokenizer.Encode("", "").Ids);
        Assert.Equal(tokenizer.EncodeToIds("the <mask> sat"), tokenizer.EncodeToIds("the<mask> sat"));
        Assert.Equal(tokenizer.EncodeToIds("cat"), tokenizer.EncodeToIds(" cat"));
        Assert.All(Enumerable.Range(0, 256), value =>
            Assert.True(tokenizer.Vocabulary.Skip(5).Take(256).Any(piece => piece.Length == 1), $"byte {value}"));
    }

    [Fact]
    public void Train_WordsOfTheVocabulary_BeginThemWithBlanks()
    {
        SubwordTokenizer tokenizer = Train([.. Enumerable.Repeat("learning learner learns unlearned", 50)], 290).Tokenizer;
        int[] ids = tokenizer.EncodeToIds("learning unlearnedness");
        bool[] continues = [.. ids.Select((id, i) => i > 0 && tokenizer.ContinuesWord(id, ids[i - 1]))];
        Assert.False(continues[0]);
        Assert.Equal(1, continues.Skip(1).Count(flag => !flag));
    }

    [Fact]
    public void Train_SteppingStones_MakeRoomForWords()
    {
        // "through" takes seven joins and "zebra" five, but eight places are enough for both words.
        SubwordTokenizer tokenizer = Train([.. Enumerable.Repeat("through", 100), .. Enumerable.Repeat("zebra", 60)], 261 + 8).Tokenizer;
        Assert.Equal((1, 1), (tokenizer.EncodeToIds("through").Length, tokenizer.EncodeToIds("zebra").Length));
        Assert.InRange(tokenizer.EncodeToIds("thr").Length, 1, 4);
    }

    [Fact]
    public void Train_FewTexts_SaysThatTheSizeDiffers()
    {
        TrainedVocabulary vocabulary = Train(["aa ab", "aa"], 1_000);
        Assert.True(vocabulary.SizeDiffers);
        Assert.Contains("\u0120aa", vocabulary.Pieces);
        Assert.Contains(
            "instead of the 1,000 asked for: no further pair of pieces occurs 2 times", Assert.Single(vocabulary.Notes),
            StringComparison.Ordinal);
        Assert.Equal((2L, 3L, 2), (vocabulary.Texts, vocabulary.Words, vocabulary.DistinctWords));
    }

    [Fact]
    public void Train_AlphabetLimit_SpellsRareCharactersWithTheirBytesAndSaysSo()
    {
        string[] texts = [.. Enumerable.Repeat("ab ab ab 猫猫 ab猫ab", 20)];
        var options = new SubwordTrainerOptions { VocabularySize = 300, AlphabetLimit = 3 };
        TrainedVocabulary vocabulary = new BytePairTrainer(options).Train(texts);

        Assert.Equal(1, vocabulary.CharactersLeftOut);
        Assert.StartsWith(
            "1 of the texts' 4 characters are left out, the rarest: 40 of 100 words have one, which is spelled with its bytes.",
            vocabulary.Notes[0], StringComparison.Ordinal);
        Assert.Equal(4, vocabulary.Tokenizer.EncodeToIds("猫").Length);
        Assert.Equal(" 猫", vocabulary.Tokenizer.Decode(vocabulary.Tokenizer.EncodeToIds("猫")));
        Assert.Contains("\u0120ab", vocabulary.Pieces);
        Assert.Equal(0, new BytePairTrainer(options with { AlphabetLimit = 4 }).Train(texts).CharactersLeftOut);
    }

    private static bool IsValid(string text)
    {
        try
        {
            _ = new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);

            // A special token cuts a text in two, and a part that begins without a blank gets one, as in RoBERTa.
            return !new[] { "<s>", "<pad>", "</s>", "<unk>", "<mask>" }.Any(token => text.Contains(token, StringComparison.Ordinal));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static TrainedVocabulary Train(IEnumerable<string> texts, int size) =>
        new BytePairTrainer(new() { VocabularySize = size }).Train(texts);
}
