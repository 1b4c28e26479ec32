using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models;

/// <summary>What BERT and the architectures of its shape have in common.</summary>
internal abstract class PostNormArchitecture : ModelArchitecture
{
    public override double LearningRateFromScratch => 5e-4;

    protected internal override IReadOnlyList<int> KernelWidths => [40, 48];

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision)
    {
        var own = (PostNormConfig)config;
        var projection = own.ProjectsEmbeddings ? (long)own.HiddenSize * own.EmbeddingWidth : 0;
        var embeddings = (own.EmbeddingWidth * ((long)own.VocabularySize + own.MaxPositions)) + projection;
        var (bytes, input) = EncoderLayerBytes(own, own.LayerShape, sequence, precision);
        return new ModelFootprint(embeddings, own.LayerShape.Weights, bytes, input);
    }

    /// <summary>The head over the vocabulary.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="names">What the model's weights are called.</param>
    private protected static PredictionHead Predictions(PostNormConfig config, PostNormNames names) =>
        new(config, names.Predictions, config.HeadActivation, config.EmbeddingWidth);

    /// <summary>A linear layer over hidden states with an output for each label.</summary>
    /// <param name="config">The configuration.</param>
    private protected static ClassificationHead Classifier(PostNormConfig config) =>
        ClassificationHead.OfLabels(config, config.DropoutBeforeClassifier);
}
