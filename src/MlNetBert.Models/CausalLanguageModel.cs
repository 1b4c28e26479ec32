using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>
/// A backbone whose positions see earlier ones, with a head that predicts the next token: GPT, Llama and their kin.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class CausalLanguageModel : VocabularyModel, IGenerativeModel
{
    /// <summary>What Hugging Face calls the head's matrix.</summary>
    internal const string DecoderName = "lm_head.weight";

    private readonly WeightFill _fill;

    [ComponentName(Name = "decoder")]
    private readonly Parameter? _decoder;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns. With <see cref="ModelConfig.TieWordEmbeddings"/> its word embeddings are
    /// the head.</param>
    /// <param name="fill">What a head of its own starts with.</param>
    public CausalLanguageModel(string className, Backbone backbone, WeightFill fill)
        : base(className, backbone)
    {
        _fill = fill;
        _decoder = Config.TieWordEmbeddings ? null : Initialization.Allocate(Config.VocabularySize, Config.HiddenSize);
        Head = new VocabularyHead(this, transform: null, () => _decoder, () => null);
        RegisterComponents();
    }

    /// <summary>The head: hidden states at chosen positions to scores of every token behind them.</summary>
    public override VocabularyHead Head { get; }

    /// <inheritdoc/>
    public int? DecoderStart => null;

    /// <summary>
    /// The mean cross entropy of the next tokens: the label at a position is what the one before it predicts, as in transformers.
    /// </summary>
    /// <param name="logits">[batch, sequence, vocabulary].</param>
    /// <param name="labels">Token ids [batch, sequence], int64, not shifted; −100 where there is nothing to predict.</param>
    /// <returns>A scalar in nats; not a number when no label is set, as in transformers.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        var last = full_like(labels.narrow(1, 0, 1), Losses.IgnoredLabel);                   // predicts nothing
        var next = cat([labels.narrow(1, 1, labels.shape[1] - 1), last], 1);
        return Losses.Classification(logits, next).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public GenerationState Start(ModelInputs prompt, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return new CausalState(this, prompt, precision);
    }

    /// <inheritdoc/>
    protected override Tensor LossOf(Tensor logits, Tensor labels) => Loss(logits, labels);

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() =>
        _decoder is null ? [] : [new ModelWeight(DecoderName, _decoder, _fill)];
}
