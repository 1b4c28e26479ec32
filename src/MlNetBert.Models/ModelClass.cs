namespace MlNetBert.Models;

/// <summary>One model of an architecture.</summary>
/// <param name="Name">The class that Hugging Face names in <c>architectures</c>, such as <c>BertForMaskedLM</c>.</param>
/// <param name="Head">What is on its backbone.</param>
/// <param name="Builder">Builds it of its name and a configuration of the architecture; weights need not be set.</param>
[Experimental("MLNETBERT001")]
public sealed record ModelClass(string Name, ModelHead Head, Func<string, ModelConfig, LanguageModelModule> Builder)
{
    /// <summary>Builds the model; its weights are not set.</summary>
    internal LanguageModelModule Build(ModelConfig config) => Builder(Name, config);
}
