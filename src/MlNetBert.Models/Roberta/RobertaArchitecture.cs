using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;
using MlNetBert.Models.Layers;

namespace MlNetBert.Models.Roberta;

/// <summary>RoBERTa as an architecture, under any of its three names.</summary>
internal sealed class RobertaArchitecture : PostNormArchitecture
{
    // roberta-base and its kin; the class's own default is another.
    private const double PublishedEpsilon = 1e-5;

    private const string Published = "Roberta";

    private readonly string _start;

    /// <summary>Makes the architecture of a name.</summary>
    /// <param name="modelType">The name in config.json.</param>
    /// <param name="start">What the names of its classes begin with.</param>
    public RobertaArchitecture(string modelType, string start)
    {
        (ModelType, _start) = (modelType, start);
        Classes =
        [
            new(start + "Model", ModelHead.Encoder, (_, config) => Encoder(config, pooler: true)),
            new(start + "ForMaskedLM", ModelHead.MaskedLanguageModel, (name, config) =>
                new DecodingModel(
                    name, Encoder(config, pooler: false), Predictions((RobertaConfig)config, RobertaWeightNames.Names))),
            new(start + "ForSequenceClassification", ModelHead.SequenceClassifier, (name, config) =>
                new SequenceClassifier(name, Encoder(config, pooler: false), SequenceHead((RobertaConfig)config), SequencePooling.First)),
            new(start + "ForTokenClassification", ModelHead.TokenClassifier, (name, config) =>
                new TokenClassifier(name, Encoder(config, pooler: false), Classifier((RobertaConfig)config))),
            new(start + "ForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
                new QuestionAnsweringModel(name, Encoder(config, pooler: false), ClassificationHead.OfSpans(config))),
        ];
    }

    public override string ModelType { get; }

    public override IReadOnlyList<ModelClass> Classes { get; }

    // Checkpoints of XLM-RoBERTa and CamemBERT name RoBERTa's classes, too.
    public override ModelClass? FindClass(string className) => base.FindClass(className)
        ?? (className.StartsWith(Published, StringComparison.Ordinal) ? base.FindClass(_start + className[Published.Length..]) : null);

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) =>
        (RobertaConfig)(RobertaConfig.Defaults with { Name = ModelType }).Sized(size, vocabularySize, maxPositions, tokens) with
        {
            TokenTypes = 1,
            ClassificationTokenId = tokens.Classification,
            SeparatorTokenId = tokens.Separator,
            LayerNormEpsilon = PublishedEpsilon,
        };

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => RobertaConfig.Parse(reader, ModelType);

    // One of the names proves the others' numbers.
    protected internal override IReadOnlyList<string> References => IsPublished ? ["roberta-mlm"] : [];

    protected internal override IReadOnlyList<int> KernelWidths => IsPublished ? base.KernelWidths : [];

    private bool IsPublished => string.Equals(_start, Published, StringComparison.Ordinal);

    private PostNormEncoder Encoder(ModelConfig config, bool pooler) =>
        new(_start + "Model", (RobertaConfig)config, RobertaWeightNames.Names, pooler);

    // RobertaClassificationHead.
    private static ClassificationHead SequenceHead(RobertaConfig config) =>
        ClassificationHead.OfLabelsBehindDense(config, config.DropoutBeforeClassifier, Activation.Tanh);
}
