using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace MlNetBert.Models.Heads;

/// <summary>
/// A backbone with a transform and a decoder with a bias; the decoder is tied to the word embeddings, or has a weight of its own.
/// </summary>
internal sealed class DecodingModel : MaskedLanguageModel
{
    private readonly string _decoderName;
    private readonly string _biasName;
    private readonly WeightFill _fill;

    [ComponentName(Name = "head")]
    private readonly HeadTransform _head;

    [ComponentName(Name = "decoder")]
    private readonly Parameter? _decoder;

    [ComponentName(Name = "decoderBias")]
    private readonly Parameter _bias;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns.</param>
    /// <param name="head">What precedes the decoder.</param>
    /// <param name="decoderName">What Hugging Face calls the decoder's matrix.</param>
    /// <param name="biasName">What Hugging Face calls its bias.</param>
    /// <param name="fill">What the decoder's matrix starts with where it is not tied.</param>
    public DecodingModel(
        string className, Backbone backbone, HeadTransform head, string decoderName, string biasName, WeightFill fill)
        : base(className, backbone)
    {
        (_head, _decoderName, _biasName, _fill) = (head, decoderName, biasName, fill);
        _decoder = Config.TieWordEmbeddings ? null : Initialization.Allocate(Config.VocabularySize, Config.HiddenSize);
        _bias = Initialization.Allocate(Config.VocabularySize);
        Head = new VocabularyHead(this, _head, () => _decoder, () => _bias);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override VocabularyHead Head { get; }

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights()
    {
        yield return new(_biasName, _bias, WeightFill.Zero);
        foreach (var weight in _head.Weights())
            yield return weight;
        if (_decoder is not null)
            yield return new(_decoderName, _decoder, _fill);
    }
}
