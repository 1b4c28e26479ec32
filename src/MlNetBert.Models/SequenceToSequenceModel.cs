using System.Globalization;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>
/// An encoder that reads a text, and a decoder that attends to it and writes another, with a head over the vocabulary: T5 and BART. In
/// training the decoder takes the tokens of the target one place on, behind the one that it starts with (teacher forcing).
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class SequenceToSequenceModel : ModelWithHead, IGenerativeModel
{
    /// <summary>What Hugging Face calls the head's matrix.</summary>
    internal const string OutputName = "lm_head.weight";

    private readonly SequenceToSequenceHead _parts;

    [ComponentName(Name = "decoder")]
    private readonly Backbone _decoder;

    [ComponentName(Name = "output")]
    private readonly Parameter? _output;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="encoder">The encoder, which the model owns. With <see cref="ModelConfig.TieWordEmbeddings"/> its word embeddings are
    /// the head.</param>
    /// <param name="decoder">The decoder, which the model owns and which takes <see cref="ModelInputs.Encoded"/>.</param>
    /// <param name="head">What the head is made of.</param>
    /// <exception cref="ArgumentException">The decoder attends to no encoder.</exception>
    public SequenceToSequenceModel(string className, Backbone encoder, Backbone decoder, SequenceToSequenceHead head)
        : base(className, encoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(head);
        if (!decoder.AttendsToEncoder)
            throw new ArgumentException($"Expected a decoder that attends to an encoder, found {decoder.ClassName}.", nameof(decoder));
        (_decoder, _parts) = (decoder, head);
        _output = Config.TieWordEmbeddings ? null : Initialization.Allocate(Config.VocabularySize, Config.HiddenSize);
        _bias = head.BiasName is null ? null : Initialization.Allocate(Config.VocabularySize);
        if (_bias is not null)
            _bias.requires_grad = false; // a constant that files hold
        Head = new VocabularyHead(this, head.Scale is 1 ? null : new OutputScale(head.Scale), () => _output, () => _bias);
        RegisterComponents();
    }

    /// <summary>The encoder.</summary>
    public Backbone Encoder => Backbone;

    /// <summary>The decoder.</summary>
    public Backbone Decoder => _decoder;

    /// <summary>The head: the decoder's hidden states at chosen positions to scores of every token behind them.</summary>
    public VocabularyHead Head { get; }

    /// <inheritdoc/>
    public int? DecoderStart => ((SequenceToSequenceConfig)Config).DecoderStartTokenId;

    internal override Backbone LastStack => _decoder;

    private protected override bool HasVocabularyHead => true;

    /// <summary>Logits of every token of a target.</summary>
    /// <param name="source">The texts that the encoder reads.</param>
    /// <param name="decoderIds">What the decoder takes [batch, target], int64, such as <see cref="DecoderInputs"/> gives it.</param>
    /// <returns>Logits [batch, target, vocabulary], float32: each position's are those of the token behind it.</returns>
    /// <exception cref="ArgumentException">As <see cref="Backbone.forward"/>.</exception>
    public Tensor forward(ModelInputs source, Tensor decoderIds)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var scope = NewDisposeScope();
        var encoded = Encode(source, precision: null);
        var decoded = _decoder.forward(new(decoderIds) { Encoded = encoded });
        return Head.Logits(decoded.LastHiddenState).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the decoder takes to predict labels: they move one place on, behind the token that it starts with, and the padding token stands
    /// where nothing is to be predicted, as in transformers.
    /// </summary>
    /// <param name="labels">Token ids [batch, target], int64; −100 where there is nothing to predict.</param>
    /// <returns>[batch, target], int64, in the caller's dispose scope.</returns>
    public Tensor DecoderInputs(Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        var first = full_like(labels.narrow(1, 0, 1), DecoderStart!.Value);
        var shifted = cat([first, labels.narrow(1, 0, labels.shape[1] - 1)], 1);
        return shifted.WithValue(shifted.IsEqualTo(Losses.IgnoredLabel), Config.PadTokenId ?? DecoderStart.Value)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The decoder's hidden states where there is a label, for <see cref="Head"/>. Behind a text's last label the decoder computes nothing.
    /// </summary>
    /// <param name="source">The texts that the encoder reads.</param>
    /// <param name="labels">Token ids [batch, target], int64, not shifted; −100 where there is nothing to predict.</param>
    /// <param name="precision">The precision of matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>[targets, hidden] and the labels [targets], in the caller's dispose scope. On a GPU, where looking would make the host
    /// wait, these are all positions, and labels of −100 among them.</returns>
    public (Tensor Hidden, Tensor Labels) Targets(ModelInputs source, Tensor labels, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        var isTarget = labels.IsEqualTo(Losses.IgnoredLabel).logical_not();                  // [batch, target]
        var looks = labels.device_type == TorchSharp.DeviceType.CPU;
        var mask = looks ? NeededFor(isTarget) : null;
        var encoded = Encode(source, precision);
        var decoded = _decoder.forward(new(DecoderInputs(labels), mask) { Encoded = encoded }, precision: precision);
        var (hidden, targets) = (decoded.LastHiddenState.flatten(0, 1), labels.flatten());   // [batch · target, hidden]
        if (looks)
        {
            var places = isTarget.flatten().nonzero().flatten();
            (hidden, targets) = (hidden.index_select(0, places), targets.index_select(0, places));
        }

        return (hidden.MoveToOuterDisposeScope(), targets.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The loss that training minimizes: the cross entropy of the labels, SUMMED over them. Scores are computed a slice of positions at a
    /// time (<see cref="VocabularyHead.LossSum"/>): go back from it with <see cref="LanguageModelModule.Backward(Tensor)"/>.
    /// </summary>
    /// <param name="source">The texts that the encoder reads.</param>
    /// <param name="labels">Token ids [batch, target], int64, not shifted; −100 where there is nothing to predict.</param>
    /// <param name="labelSmoothing">As of <see cref="VocabularyHead.LossSum"/>.</param>
    /// <returns>A float32 scalar in nats, and how many targets there are, int64.</returns>
    public (Tensor Sum, Tensor Targets) LossSum(ModelInputs source, Tensor labels, double labelSmoothing = 0)
    {
        using var scope = NewDisposeScope();
        var (hidden, targets) = Targets(source, labels);
        var count = targets.IsEqualTo(Losses.IgnoredLabel).logical_not().sum();
        return (Head.LossSum(hidden, targets, labelSmoothing).MoveToOuterDisposeScope(), count.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public GenerationState Start(ModelInputs prompt, ComputePrecision? precision = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return new AnswerState(this, prompt, precision);
    }

    /// <summary>What the decoder attends to, in the caller's dispose scope.</summary>
    internal EncoderStates Encode(ModelInputs source, ComputePrecision? precision) =>
        new(Encoder.forward(source, precision: precision).LastHiddenState, source.AttentionMask);

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() =>
    [
        .. _decoder.CheckpointWeights(BackbonePrefix),
        .. _output is null ? Array.Empty<ModelWeight>() : [new ModelWeight(OutputName, _output, _parts.Fill)],
        .. _bias is null
            ? Array.Empty<ModelWeight>()
            : [new ModelWeight(_parts.BiasName!, _bias, WeightFill.Zero) { Layout = new(rows => rows.unsqueeze(0)) }],
    ];

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var source = inputs.ToModelInputs();
        var labels = inputs.Find("labels");
        var encoded = Encoder.forward(source, allHiddenStates: true);
        Name("encoder_hidden_states", encoded);
        named["encoder_last_hidden_state"] = encoded.LastHiddenState;
        if ((inputs.Find("decoder_input_ids") ?? (labels is null ? null : DecoderInputs(labels))) is not { } ids)
            return new ReferenceOutputs(named, Loss: null);
        var states = new EncoderStates(encoded.LastHiddenState, source.AttentionMask);
        var decoded = _decoder.forward(new(ids) { Encoded = states }, allHiddenStates: true);
        Name("decoder_hidden_states", decoded);
        named["logits"] = Head.Logits(decoded.LastHiddenState);
        if (labels is null)
            return new ReferenceOutputs(named, Loss: null);
        // As training has it: without padding, on either side.
        var (hidden, targets) = Targets(source, labels);
        return new ReferenceOutputs(named, Losses.Classification(Head.Logits(hidden), targets));

        void Name(string prefix, BackboneOutput output)
        {
            foreach (var (index, hidden) in output.HiddenStates.Index())
                named[string.Create(CultureInfo.InvariantCulture, $"{prefix}.{index}")] = hidden;
        }
    }

    // [batch, target]: 0 behind a text's last label, where nothing depends on what the decoder gives.
    private static Tensor NeededFor(Tensor isTarget)
    {
        using var scope = NewDisposeScope();
        return isTarget.to(ScalarType.Int64).flip(1).cumsum(1).flip(1).IsAbove(0).to(ScalarType.Int64).MoveToOuterDisposeScope();
    }
}
