using MlNetBert.Models.Configuration;
using MlNetBert.Models.Heads;

namespace MlNetBert.Models.Gpt;

/// <summary>GPT-2 as an architecture.</summary>
internal sealed class Gpt2Architecture : GptArchitecture
{
    public Gpt2Architecture()
        : base("GPT2", new GptNames("wte.weight", "wpe.weight")) =>
        Classes =
        [
            Alone,
            Causal,
            OfSequences,
            new("GPT2ForTokenClassification", ModelHead.TokenClassifier, (name, config) => new TokenClassifier(
                name, Decoder(config), ClassificationHead.OfLabels(config, ((Gpt2Config)config).ClassifierDropout))),
            new("GPT2ForQuestionAnswering", ModelHead.QuestionAnswering, (name, config) =>
                new QuestionAnsweringModel(name, Decoder(config), ClassificationHead.OfSpans(config))),
        ];

    public override string ModelType => "gpt2";

    public override IReadOnlyList<ModelClass> Classes { get; }

    protected internal override IReadOnlyList<string> References => ["gpt2-clm"];

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) =>
        Gpt2Config.Defaults.Sized(size, vocabularySize, maxPositions, tokens);

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => Gpt2Config.Parse(reader);
}
