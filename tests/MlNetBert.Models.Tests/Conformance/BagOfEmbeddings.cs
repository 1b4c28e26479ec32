using System.Globalization;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Conformance;

/// <summary>
/// An architecture that the library does not know: every token gets its own embedding and the mean of its text's, and linear layers. It
/// uses what is public only.
/// </summary>
internal sealed class BagOfEmbeddings : ModelArchitecture
{
    public static BagOfEmbeddings Instance { get; } = new();

    public override string ModelType => "bag";

    public override double LearningRateFromScratch => 1e-3;

    public override IReadOnlyList<ModelClass> Classes { get; } =
    [
        new("BagModel", ModelHead.Encoder, (_, config) => new BagBackbone((BagConfig)config)),
        new("BagForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) => new BagMaskedLanguageModel(name, new BagBackbone((BagConfig)config))),
        new("BagForTokenClassification", ModelHead.TokenClassifier, (name, config) => new TokenClassifier(
            name, new BagBackbone((BagConfig)config),
            new ClassificationHead("classifier", config.HiddenSize, config.Labels.Count, "classifier", BagBackbone.Fill))),
        new("BagForSequenceClassification", ModelHead.SequenceClassifier, (name, config) => new SequenceClassifier(
            name, new BagBackbone((BagConfig)config),
            new ClassificationHead("classifier", config.HiddenSize, config.Labels.Count, "classifier", BagBackbone.Fill), SequencePooling.Mean)),
    ];

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new BagConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            Layers = size.Layers,
            Heads = size.Heads,
            InnerSize = size.HiddenSize,
            PadTokenId = tokens.Padding,
        };
    }

    protected internal override ModelConfig ParseConfig(ConfigReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new BagConfig
        {
            VocabularySize = reader.Required("vocab_size"),
            HiddenSize = reader.Required("dim"),
            Layers = reader.Layers("n_layers"),
            Heads = reader.Required("num_attention_heads"),
            InnerSize = reader.Required("intermediate_size"),
            PadTokenId = reader.TokenId("pad_token_id"),
        };
    }

    public override ModelFootprint FootprintOf(ModelConfig config, int sequence, ComputePrecision precision) =>
        new((long)config.VocabularySize * config.HiddenSize, (long)config.HiddenSize * config.HiddenSize, 4.0 * config.HiddenSize, 4.0 * config.HiddenSize);

    private sealed record BagConfig : ModelConfig
    {
        public override string ModelType => "bag";

        public override double NormEpsilon { get; init; } = 1e-5;

        public override int? MaxLength => null;

        public double Dropout { get; init; }

        protected internal override ConfigKeys Keys => new() { HiddenSize = "dim", Layers = "n_layers", Positions = null };

        public override ModelConfig WithDropout(double probability) => this with { Dropout = probability };

        protected internal override IEnumerable<ConfigEntry> KnownKeys() => CommonKeys();
    }

    private sealed class BagBackbone : Backbone
    {
        [ComponentName(Name = "words")]
        private readonly Words _words;

        [ComponentName(Name = "layers")]
        private readonly ModuleList<Linear> _layers;

        public BagBackbone(BagConfig config)
            : base(nameof(BagBackbone), config)
        {
            _words = new Words(config);
            _layers = new ModuleList<Linear>([.. Enumerable.Range(0, config.Layers).Select(_ => nn.Linear(config.HiddenSize, config.HiddenSize))]);
            RegisterComponents();
        }

        public static WeightFill Fill { get; } = new(WeightFillKind.Normal, 0.02);

        public override string ClassName => "BagModel";

        public override string PrefixInModels => "bag.";

        protected internal override IReadOnlyList<nn.Module> LayerModules => [.. _layers];

        protected internal override IReadOnlyList<nn.Module> EmbeddingModules => [_words];

        protected internal override Parameter WordEmbeddings => _words.Rows;

        protected internal override IEnumerable<ModelWeight> CheckpointWeights(string prefix)
        {
            yield return new($"{prefix}words.weight", _words.Rows, Fill);
            foreach (var (index, layer) in _layers.Index())
            {
                yield return new(string.Create(CultureInfo.InvariantCulture, $"{prefix}layers.{index}.weight"), layer.weight!, Fill) { Layout = WeightLayout.Transposed };
                yield return new(string.Create(CultureInfo.InvariantCulture, $"{prefix}layers.{index}.bias"), layer.bias!, WeightFill.Zero);
            }
        }

        protected override BackboneOutput Run(ModelInputs inputs, bool allHiddenStates, ForwardPass pass)
        {
            if (inputs.Causal == true)
                throw new ArgumentException("A bag attends in both directions.", nameof(inputs));
            using var scope = NewDisposeScope();
            var mask = (inputs.AttentionMask ?? ones_like(inputs.Ids)).to(ScalarType.Float32).unsqueeze(-1); // [batch, sequence, 1]
            var words = _words.Rows.index_select(0, inputs.Ids.flatten()).view(inputs.Ids.shape[0], inputs.Ids.shape[1], -1); // [batch, sequence, hidden]
            var hidden = pass.Drop(words.add(words.mul(mask).sum(1, keepdim: true).div(mask.sum(1, keepdim: true))), ((BagConfig)Config).Dropout);
            foreach (var layer in _layers)
                hidden = layer.forward(hidden).relu();
            return new BackboneOutput(hidden.MoveToOuterDisposeScope(), []);
        }
    }

    // A parameter of its own: TorchSharp's Embedding gives another object for its weight every time.
    private sealed class Words : nn.Module
    {
        [ComponentName(Name = "rows")]
        private readonly Parameter _rows;

        public Words(BagConfig config)
            : base(nameof(Words))
        {
            _rows = new Parameter(zeros(config.VocabularySize, config.HiddenSize));
            RegisterComponents();
        }

        public Parameter Rows => _rows;
    }

    private sealed class BagMaskedLanguageModel : MaskedLanguageModel
    {
        public BagMaskedLanguageModel(string className, Backbone backbone)
            : base(className, backbone)
        {
            Head = new VocabularyHead(this, transform: null, () => null, () => null);
            RegisterComponents();
        }

        public override VocabularyHead Head { get; }

        protected override IEnumerable<ModelWeight> HeadWeights() => [];
    }
}
