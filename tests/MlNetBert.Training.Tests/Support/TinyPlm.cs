using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Plm;

namespace MlNetBert.Training.Tests.Support;

/// <summary>The smallest of permuted language models, over the vocabulary and the blocks of <see cref="TinyMlm"/>.</summary>
internal static class TinyPlm
{
    public static PermutationLanguageModel Model(int words = 40)
    {
        var config = ModelArchitecture.XLNet.CreateConfig(
            new ModelSize("least", 2, 16, 2), words + TinyMlm.FirstWord, maxPositions: 16, new ModelTokenIds(0, 2, 3)).WithDropout(0)
            with
        { InitializerRange = 0.2 };
        return (PermutationLanguageModel)ModelArchitecture.XLNet.Create(ModelHead.PermutationLanguageModel, config, seed: 3);
    }

    public static Permutation Permutation(
        int words = 40, long seed = 11, double probability = 1.0 / 6, int spanLength = 5) =>
        new(TinyMlm.Tokenizer(words), seed, probability, spanLength);

    public static PlmObjective Objective(PermutationLanguageModel model, IBlockSource blocks) =>
        new(model, new CorruptedBlocks(blocks, Permutation()));
}
