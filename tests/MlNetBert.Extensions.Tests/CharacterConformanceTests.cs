using MlNetBert;
using MlNetBert.Tests.Common;
using Stranger.Characters;

namespace Stranger;

public sealed class CharacterConformanceTests : SubwordTokenizerConformanceTests
{
    [Fact]
    public void Train_OfTexts_LearnsTheirCharacters()
    {
        var tokenizer = CharacterTrainer.Train(["ab b!"]);

        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", "##b", "a", "b"], tokenizer.Vocabulary);
        Assert.Equal(["[CLS]", "b", "[UNK]", "[MASK]", "a", "##b", "[SEP]"], tokenizer.Encode("Ba [MASK] ab").Tokens);
        Assert.Equal("b! ab", tokenizer.Decode(tokenizer.EncodeToIds("b! AB")));
        Assert.Equal(CharacterModel.Name, tokenizer.ModelType);
    }

    protected override SubwordTokenizer Create() => CharacterTrainer.Train(["The cats sat, didn't they? a b x xx déjà vu 日本 😀😀 new line special"]);
}
