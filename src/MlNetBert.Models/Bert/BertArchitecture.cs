using System.Text.Json.Nodes;

namespace MlNetBert.Models.Bert;

/// <summary>BERT as an architecture.</summary>
internal sealed class BertArchitecture : ModelArchitecture
{
    public override string ModelType => "bert";

    public override double LearningRateFromScratch => 5e-4;

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens)
    {
        ArgumentNullException.ThrowIfNull(size);
        ArgumentNullException.ThrowIfNull(tokens);
        return new BertConfig
        {
            VocabularySize = vocabularySize,
            HiddenSize = size.HiddenSize,
            Layers = size.Layers,
            Heads = size.Heads,
            InnerSize = 4 * size.HiddenSize,
            MaxPositions = maxPositions,
            PadTokenId = tokens.Padding,
        };
    }

    public override ModelConfig ParseConfig(JsonObject json, string file) => BertConfig.Parse(json, file);

    private protected override Encoder BuildEncoder(ModelConfig config) => new BertEncoder(Cast<BertConfig>(config), pooler: true);

    private protected override MaskedLanguageModel BuildMaskedLanguageModel(ModelConfig config) => new BertMaskedLanguageModel(Cast<BertConfig>(config));
}
