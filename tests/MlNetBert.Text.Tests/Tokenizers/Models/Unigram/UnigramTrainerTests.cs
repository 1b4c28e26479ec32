using CsCheck;
using MlNetBert.Text.Tokenizers.Models.Training;
using MlNetBert.Text.Tokenizers.Models.Unigram;

namespace MlNetBert.Text.Tests.Tokenizers.Models.Unigram;

public sealed class UnigramTrainerTests
{
    private static readonly string[] Texts =
        ["the cat sat on the mat", "a dog sat on the log and the dog barked", "learning learners learn to learn"];

    [Fact]
    public void Train_AnyTexts_SpellsEveryWordOfThem() =>
        Gen.String[Gen.Char["abcdeéßж. ,猫"], 0, 60].Array[1, 10].Where(texts => texts.Any(text => text.Length > 0)).Sample(
            texts =>
            {
                SubwordTokenizer tokenizer = Train(texts, 300).Tokenizer;
                foreach (string text in texts)
                {
                    int[] ids = tokenizer.EncodeToIds(text);
                    Assert.DoesNotContain(3, ids);
                    Assert.Equal(text.StartsWith(' ') ? text[1..] : text, tokenizer.Decode(ids));
                }
            },
            iter: 100);

    [Fact]
    public void Train_Defaults_IsMadeOfNfkcAndMetaspace()
    {
        SubwordTokenizer tokenizer = Train([.. Texts, "ﬁne １２"], 200).Tokenizer;
        Assert.Equal("Unigram", tokenizer.ModelType);
        Assert.Equal(tokenizer.EncodeToIds("fine 12"), tokenizer.EncodeToIds("ﬁne １２"));
        Assert.Equal([0, 2, 2, 2], tokenizer.Encode("", "").Ids);
        SpecialTokens special = tokenizer.SpecialTokens;
        Assert.Equal(
            (0, 0, 1, 2, 2, 3, 4),
            (special.BeginningOfTextTokenId, special.ClassificationTokenId, special.PaddingTokenId, special.EndOfTextTokenId,
                special.SeparatorTokenId, special.UnknownTokenId, special.MaskTokenId));
        Assert.Contains("\u2581the", tokenizer.Vocabulary);
        Assert.False(tokenizer.ContinuesWord(tokenizer.EncodeToIds("the")[0], tokenizer.EncodeToIds("cat")[^1]));
    }

    [Fact]
    public void Train_UnseenCharacter_IsUnknown() => Assert.Contains(3, Train(Texts, 200).Tokenizer.EncodeToIds("the 猫"));

    [Fact]
    public void Train_PiecesOfRepeatedWords_AreWholeWordsBeforeParts()
    {
        TrainedVocabulary vocabulary = Train([.. Enumerable.Repeat("alpha beta gamma", 50)], 5 + 10 + 3);
        Assert.Equal(
            ["\u2581alpha", "\u2581beta", "\u2581gamma"],
            vocabulary.Pieces.Skip(5).Where(piece => piece.Length > 1).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Train_FewTexts_SaysThatTheSizeDiffers()
    {
        TrainedVocabulary vocabulary = Train(["aa ab", "aa"], 1_000);
        Assert.True(vocabulary.SizeDiffers);
        Assert.Contains("\u2581aa", vocabulary.Pieces);
        Assert.Contains(
            "instead of the 1,000 asked for: no further part of words occurs 2 times", Assert.Single(vocabulary.Notes),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Train_AlphabetLimit_MakesRareCharactersUnknownAndSaysSo()
    {
        string[] texts = [.. Enumerable.Repeat("ab ab ab 猫猫 ab猫ab", 20)];
        TrainedVocabulary vocabulary = new UnigramTrainer(new() { VocabularySize = 100, AlphabetLimit = 2 }).Train(texts);

        Assert.Equal(1, vocabulary.CharactersLeftOut);
        Assert.Equal(
            "1 of the texts' 3 characters are left out, the rarest: 40 of 100 words have one and are unknown there (<unk>). Raise SubwordTokenizingOptions.AlphabetLimit to keep more.",
            vocabulary.Notes[0]);
        Assert.Contains(3, vocabulary.Tokenizer.EncodeToIds("猫"));
        Assert.DoesNotContain(3, Train(texts, 100).Tokenizer.EncodeToIds("猫"));
    }

    [Fact]
    public void Train_MoreCharactersThanPlaces_KeepsTheMostFrequent()
    {
        string many = string.Concat(Enumerable.Range(0, 300).Select(i => (char)(0x4E00 + i)));
        TrainedVocabulary vocabulary = Train([many, many[..100]], 200);
        Assert.Equal(200, vocabulary.Pieces.Count);
        Assert.Equal(106, vocabulary.CharactersLeftOut);
        Assert.Contains("Raise SubwordTokenizingOptions.VocabularySize", vocabulary.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Train_SurrogatePairs_AreNeverCut()
    {
        TrainedVocabulary vocabulary = Train([.. Enumerable.Repeat("😸😹😸 𠮷𠮷 😸a", 30)], 60);
        Assert.All(vocabulary.Pieces, piece => Assert.False(char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
    }

    private static TrainedVocabulary Train(IEnumerable<string> texts, int size) =>
        new UnigramTrainer(new() { VocabularySize = size }).Train(texts);
}
