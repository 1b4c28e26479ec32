using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Masking;
using MlNetBert.Training.Objectives.Rtd;

namespace MlNetBert.Training.Tests.Support;

/// <summary>The smallest of detectors with their generators, over the vocabulary and the blocks of <see cref="TinyMlm"/>.</summary>
internal static class TinyRtd
{
    public static RtdModels Models(string architecture = "electra", double dropout = 0, int words = 40, int hidden = 16) =>
        Models(ModelArchitecture.Get(architecture).CreateConfig(
            new ModelSize("least", 2, hidden, 2 + (hidden / 48)), words + TinyMlm.FirstWord, 16, new ModelTokenIds(0, 2, 3)).WithDropout(dropout));

    public static RtdModels Models(ModelConfig config)
    {
        var own = ModelArchitecture.Of(config);
        return new RtdModels(
            (ReplacedTokenDetector)own.Create(ModelHead.ReplacedTokenDetector, config, seed: 3),
            (MaskedLanguageModel)own.Create(ModelHead.MaskedLanguageModel, own.GeneratorFor(config)!, seed: 4)).ShareEmbeddings();
    }

    public static RtdObjective Objective(RtdModels models, IBlockSource blocks, int stream = RandomStreams.TrainingCorruption, long seed = 11) =>
        new(models, new CorruptedBlocks(blocks, new TokenMasking(TinyMlm.Tokenizer(), seed), stream), seed, stream);
}
