using MlNetBert.Models.Configuration;

namespace MlNetBert.Models.Gpt;

/// <summary>GPT as an architecture.</summary>
internal sealed class OpenAIGptArchitecture : GptArchitecture
{
    public OpenAIGptArchitecture()
        : base("OpenAIGPT", new GptNames("tokens_embed.weight", "positions_embed.weight")) => Classes = [Alone, Causal, OfSequences];

    public override string ModelType => "openai-gpt";

    public override IReadOnlyList<ModelClass> Classes { get; }

    protected internal override IReadOnlyList<string> References => ["openai-gpt-clm"];

    public override ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens) =>
        OpenAIGptConfig.Defaults.Sized(size, vocabularySize, maxPositions, tokens);

    protected internal override ModelConfig ParseConfig(ConfigReader reader) => OpenAIGptConfig.Parse(reader);
}
