using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Bert;

/// <summary>BERT with both of its pretraining heads, masked LM and next sentence (Hugging Face's <c>BertForPreTraining</c>).</summary>
internal sealed class BertPreTrainingModel : MaskedLanguageModel
{
    [ComponentName(Name = "head")]
    private readonly BertPredictionHead _head;

    [ComponentName(Name = "relationship")]
    private readonly Dense _relationship;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="config">The configuration.</param>
    internal BertPreTrainingModel(BertConfig config)
        : base(nameof(BertPreTrainingModel), new BertEncoder(config, pooler: true))
    {
        _head = new BertPredictionHead(config);
        _relationship = new Dense(config.HiddenSize, 2);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override string ClassName => "BertForPreTraining";

    /// <inheritdoc/>
    public override string BackbonePrefix => BertWeightNames.Prefix;

    /// <inheritdoc/>
    public override IEnumerable<ModelWeight> CheckpointWeights()
    {
        var config = (BertConfig)Config;
        return BertWeightNames.Encoder((BertEncoder)Backbone, BackbonePrefix)
            .Concat(BertWeightNames.PredictionHead(_head, config))
            .Concat(
                BertWeightNames.Dense("cls.seq_relationship", _relationship,
                    new WeightFill(WeightFillKind.Normal, config.InitializerRange)));
    }

    /// <summary>Both heads over one pass of the encoder.</summary>
    /// <param name="inputIds">Token ids [batch, sequence], int64.</param>
    /// <param name="attentionMask">[batch, sequence]: not 0 = attend; null attends to all.</param>
    /// <param name="tokenTypeIds">Segment ids [batch, sequence], int64; null is all zero.</param>
    /// <returns>The logits, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public PreTrainingLogits Both(Tensor inputIds, Tensor? attentionMask = null, Tensor? tokenTypeIds = null)
    {
        using var output = Backbone.forward(inputIds, attentionMask, tokenTypeIds);
        return new PreTrainingLogits(Head(output.LastHiddenState), NextSentence(output.PoolerOutput!));
    }

    /// <summary>The next-sentence head.</summary>
    /// <param name="pooled">The pooler's output [batch, hidden].</param>
    /// <returns>Logits [batch, 2], float32: 0 = the second segment follows the first, 1 = it does not.</returns>
    public Tensor NextSentence(Tensor pooled)
    {
        ArgumentNullException.ThrowIfNull(pooled);
        using var scope = NewDisposeScope();
        return _relationship.Forward(pooled, NewPass()).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    internal override WeightAliases Aliases => BertWeightNames.Aliases(this, decodes: true);

    private protected override Parameter? Decoder => _head.Decoder;

    private protected override Parameter? DecoderBias => _head.Bias;

    private protected override Tensor Transform(Tensor hidden, ForwardPass pass) => _head.Forward(hidden, pass);
}
