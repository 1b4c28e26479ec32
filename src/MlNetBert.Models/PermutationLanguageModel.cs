using System.Globalization;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>
/// A backbone of two streams with a head over the vocabulary, which predicts a token from those that it may see, in any order: XLNet.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class PermutationLanguageModel : VocabularyModel
{
    private readonly string _name;
    private readonly WeightFill _fill;

    [ComponentName(Name = "decoder")]
    private readonly Parameter? _decoder;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    /// <summary>Builds the model; its weights are not set until <see cref="LanguageModelModule.Initialize(long)"/> or a load.</summary>
    /// <param name="className">The class that Hugging Face names in <c>architectures</c>.</param>
    /// <param name="backbone">The backbone, which the model owns. With <see cref="ModelConfig.TieWordEmbeddings"/> its word embeddings are
    /// the head's matrix.</param>
    /// <param name="headName">What Hugging Face calls the head.</param>
    /// <param name="fill">What a matrix of its own starts with.</param>
    public PermutationLanguageModel(string className, TwoStreamBackbone backbone, string headName, WeightFill fill)
        : base(className, backbone)
    {
        ArgumentException.ThrowIfNullOrEmpty(headName);
        (_name, _fill) = (headName, fill);
        _decoder = Config.TieWordEmbeddings ? null : Initialization.Allocate(Config.VocabularySize, Config.HiddenSize);
        _bias = Initialization.Allocate(Config.VocabularySize);
        Head = new VocabularyHead(this, transform: null, () => _decoder, () => _bias);
        RegisterComponents();
    }

    /// <summary>The head: hidden states of queries, or of content, to scores of every token at their places.</summary>
    public override VocabularyHead Head { get; }

    /// <summary>The queries' hidden states, which <see cref="Head"/> takes.</summary>
    /// <param name="inputs">The batch.</param>
    /// <param name="places">Where queries stand and what tokens see.</param>
    /// <param name="precision">The precision of this pass's matrix products; null is <see cref="LanguageModelModule.Precision"/>.</param>
    /// <returns>[batch, queries, hidden], float32, in the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">As <see cref="TwoStreamBackbone.ForwardQueries"/>.</exception>
    public Tensor Query(ModelInputs inputs, QueryPlaces places, ComputePrecision? precision = null) =>
        Streams.ForwardQueries(inputs, places, precision: precision).LastHiddenState;

    /// <summary>As the base, by queries: none sees its own place or another one that is asked for, whatever stands there.</summary>
    internal override Tensor StatesFor(ModelInputs inputs, IReadOnlyList<IReadOnlyList<int>> places, ComputePrecision? precision)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (places.Count, (int)inputs.Ids.shape[1]);
        var (queries, index) = QueryPlaces.Pad(places, inputs.Ids.device);
        var gaps = new bool[batch * length];
        foreach (var (row, place) in places.SelectMany((row, r) => row.Select(place => (r, place))))
            gaps[(row * length) + place] = true;
        var hidden = tensor(gaps).view(batch, 1, length).to(inputs.Ids.device).expand(batch, length, length);
        return Query(inputs, new(queries, hidden), precision).flatten(0, 1).index_select(0, index).MoveToOuterDisposeScope();
    }

    // A field would be a second module of the same parameters.
    private TwoStreamBackbone Streams => (TwoStreamBackbone)Backbone;

    /// <inheritdoc/>
    protected override Tensor LossOf(Tensor logits, Tensor labels) => Losses.Classification(logits, labels);

    /// <inheritdoc/>
    protected override IEnumerable<ModelWeight> HeadWeights() =>
    [
        .. _decoder is null ? Array.Empty<ModelWeight>() : [new($"{_name}.weight", _decoder, _fill)],
        new($"{_name}.bias", _bias, WeightFill.Zero),
    ];

    /// <inheritdoc/>
    protected internal override ReferenceOutputs RunReference(ReferenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Find("target_mapping") is not { } mapping)
            return base.RunReference(inputs);
        var named = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var batch = inputs.ToModelInputs();
        // A row of the mapping is 1 at the query's place.
        var places = new QueryPlaces(mapping.argmax(-1), inputs.Find("perm_mask"));
        foreach (var (index, states) in Streams.ForwardQueries(batch, places, allHiddenStates: true).HiddenStates.Index())
            named[string.Create(CultureInfo.InvariantCulture, $"hidden_states.{index}")] = states;
        var logits = named["logits"] = Head.Logits(Query(batch, places));                    // [batch, queries, vocabulary]
        return new ReferenceOutputs(named, inputs.Find("labels") is { } labels ? LossOf(logits, labels) : null);
    }
}
