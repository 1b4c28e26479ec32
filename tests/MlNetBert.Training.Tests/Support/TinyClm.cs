using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Clm;

namespace MlNetBert.Training.Tests.Support;

/// <summary>The smallest of causal models, over the vocabulary and the blocks of <see cref="TinyMlm"/>.</summary>
internal static class TinyClm
{
    public static CausalLanguageModel Model(int words = 40, int maxPositions = 16)
    {
        var config = ModelArchitecture.Llama.CreateConfig(
            new ModelSize("least", 1, 16, 2), words + TinyMlm.FirstWord, maxPositions, new ModelTokenIds(0, 2, 3)).WithDropout(0);
        return (CausalLanguageModel)ModelArchitecture.Of(config).Create(ModelHead.CausalLanguageModel, config, seed: 3);
    }

    public static ClmObjective Objective(CausalLanguageModel model, IBlockSource blocks) =>
        new(model, new CorruptedBlocks(blocks, new NextTokens(TinyMlm.Tokenizer())));
}
