using MlNetBert.FillMask;
using MlNetBert.Inference;
using MlNetBert.Tests.Support;

namespace MlNetBert.Tests.Inference;

public sealed class ModelTokensTests
{
    [Theory]
    [InlineData("gpt2", "and", "Ġand")]
    [InlineData("roberta", "and", "Ġand")]
    [InlineData("xlmr", "and", "▁and")]
    [InlineData("gpt2", "Ġand", "Ġand")] // a piece as the vocabulary writes it
    public void FirstPiece_OfAVocabularyThatMarksBlanks_IsThatOfAWordBehindOne(string name, string word, string expected)
    {
        var tokenizer = SubwordTokenizer.FromDirectory(SharedFiles.Find("golden", "subwords", name));
        Assert.Equal(expected, tokenizer.Vocabulary[tokenizer.FirstPiece(word)]);
        Assert.True(MaskTarget.Find(tokenizer, word).IsPiece);
    }

    [Theory]
    [InlineData("cat", "cat")]
    [InlineData("##s", "##s")]
    public void FirstPiece_OfAWordPieceVocabulary_IsThePieceAsGiven(string word, string expected)
    {
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "#", "##s"];
        var tokenizer = SubwordTokenizer.FromVocabulary(pieces);
        Assert.Equal(expected, tokenizer.Vocabulary[tokenizer.FirstPiece(word)]);
    }
}
