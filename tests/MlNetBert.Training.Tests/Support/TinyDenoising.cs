using MlNetBert.Models;
using MlNetBert.Text.Blocks;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Denoising;

namespace MlNetBert.Training.Tests.Support;

/// <summary>The smallest of text-to-text models, over the vocabulary and the blocks of <see cref="TinyMlm"/>, with four sentinels.</summary>
internal static class TinyDenoising
{
    public static SubwordTokenizer Tokenizer { get; } = Sentinels.AddTo(TinyMlm.Tokenizer(), vocabularySize: 49);

    public static SequenceToSequenceModel Model(string architecture)
    {
        var config = ModelArchitecture.Get(architecture).CreateConfig(
            new ModelSize("least", 1, 16, 2), Tokenizer.Vocabulary.Count, maxPositions: 16, new ModelTokenIds(0, 2, 3)).WithDropout(0);
        return (SequenceToSequenceModel)ModelArchitecture.Of(config).Create(ModelHead.SequenceToSequence, config, seed: 3);
    }

    public static ICorruption Corruption(string architecture) =>
        architecture == "t5" ? new SpanCorruption(Tokenizer, seed: 4) : new TextInfilling(Tokenizer, seed: 4, longest: 16);

    public static DenoisingObjective Objective(SequenceToSequenceModel model, IBlockSource blocks)
    {
        var corruption = Corruption(model.Config.ModelType);
        return new(model, new DenoisingBlocks(blocks, corruption, model.DecoderStart!.Value));
    }
}
