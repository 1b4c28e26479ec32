namespace MlNetBert.Tests.Common;

/// <summary>The directories of models that transformers saved, with what it gives for them, of the architectures here.</summary>
internal static class ReferenceNames
{
    public static TheoryData<string> All =>
    [
        "bert-encoder", "bert-mlm", "bert-pretraining", "bert-sequence-classification", "bert-multi-label", "bert-regression",
        "bert-token-classification", "bert-question-answering",
        "modernbert-encoder", "modernbert-mlm", "modernbert-sequence-classification", "modernbert-token-classification",
        "modernbert-question-answering",
        "mpnet-encoder", "mpnet-mlm", "mpnet-sequence-classification", "mpnet-token-classification", "mpnet-question-answering",
        "deberta-v2-encoder", "deberta-v2-mlm", "deberta-v2-mlm-new-head", "deberta-v2-sequence-classification",
        "deberta-v2-token-classification", "deberta-v2-question-answering",
        "roberta-encoder", "roberta-mlm", "roberta-mlm-pad", "roberta-sequence-classification", "roberta-token-classification",
        "roberta-question-answering", "xlm-roberta-encoder", "xlm-roberta-mlm", "camembert-mlm",
        "distilbert-encoder", "distilbert-mlm", "distilbert-sequence-classification", "distilbert-token-classification",
        "distilbert-question-answering",
        "electra-encoder", "electra-generator", "electra-discriminator", "electra-sequence-classification", "electra-token-classification",
        "electra-question-answering",
        "albert-encoder", "albert-mlm", "albert-mlm-groups", "albert-pretraining", "albert-sequence-classification",
        "albert-token-classification", "albert-question-answering",
        "llama-clm", "llama-clm-tied-scaled", "llama-clm-theta", "llama-clm-llama3-old", "llama-clm-head-dim", "mistral-clm",
        "openai-gpt-clm", "gpt2-clm", "gpt2-clm-padded", "falcon-clm", "falcon-clm-new", "falcon-clm-alibi",
        "xlnet-encoder", "xlnet-plm", "xlnet-sequence-classification",
        "t5-span-corruption", "t5-v1.1-span-corruption", "bart-denoising",
    ];

    /// <summary>
    /// How far outputs may be from a reference's: 2e-5 where that was computed in float64, 1e-3 where it was in float32, as XLNet's.
    /// </summary>
    public static double ToleranceOf(string name) => name.StartsWith("xlnet", StringComparison.Ordinal) ? 1e-3 : 2e-5;

    /// <summary>Those whose names end so.</summary>
    public static TheoryData<string> EndingWith(string end) =>
        [.. All.Select(row => row.Data).Where(name => name.EndsWith(end, StringComparison.Ordinal))];
}
