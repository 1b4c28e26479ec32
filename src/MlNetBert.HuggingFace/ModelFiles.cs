namespace MlNetBert.HuggingFace;

/// <summary>The well-known names in a Hugging Face model directory.</summary>
internal static class ModelFiles
{
    /// <summary>The model's type and hyper-parameters.</summary>
    public const string Config = "config.json";

    /// <summary>The tokens that texts begin and end with, and how a text-generating model is meant to be used.</summary>
    public const string GenerationConfig = "generation_config.json";

    /// <summary>The weights in one file.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>Which tensor is in which file, for weights in several files.</summary>
    public const string WeightsIndex = "model.safetensors.index.json";

    /// <summary>Weights in PyTorch's pickle format, which is read without running what it holds.</summary>
    public const string PickledWeights = "pytorch_model.bin";

    /// <summary>The index of pickled weights in several files.</summary>
    public const string PickledWeightsIndex = "pytorch_model.bin.index.json";

    /// <summary>The whole tokenizer.</summary>
    public const string Tokenizer = "tokenizer.json";

    /// <summary>The tokenizer's settings.</summary>
    public const string TokenizerConfig = "tokenizer_config.json";

    /// <summary>The special tokens by their roles.</summary>
    public const string SpecialTokensMap = "special_tokens_map.json";

    /// <summary>The ids of tokens outside the vocabulary, in old directories.</summary>
    public const string AddedTokens = "added_tokens.json";

    /// <summary>WordPiece's vocabulary, a piece a line.</summary>
    public const string Vocabulary = "vocab.txt";

    /// <summary>SentencePiece's model, as T5, XLNet and ALBERT call it.</summary>
    public const string SentencePiece = "spiece.model";

    /// <summary>SentencePiece's model, as XLM-RoBERTa and CamemBERT call it; its algorithm need not be BPE.</summary>
    public const string SentencePieceOfFairseq = "sentencepiece.bpe.model";

    /// <summary>SentencePiece's model, as DeBERTa-v2 calls it.</summary>
    public const string SentencePieceOfDeberta = "spm.model";

    /// <summary>SentencePiece's model, as Llama calls it.</summary>
    public const string SentencePieceOfLlama = "tokenizer.model";

    /// <summary>The pieces of a byte-pair vocabulary with their ids.</summary>
    public const string PieceIds = "vocab.json";

    /// <summary>The merges of a byte-pair vocabulary.</summary>
    public const string Merges = "merges.txt";

    /// <summary>The model card.</summary>
    public const string Card = "README.md";

    /// <summary>The stages of a sentence-transformers model.</summary>
    public const string SentenceModules = "modules.json";

    /// <summary>The longest sequence of a sentence-transformers model.</summary>
    public const string SentenceConfig = "sentence_bert_config.json";

    /// <summary>The names that older versions gave <see cref="SentenceConfig"/>, in the order in which they are tried.</summary>
    internal static IReadOnlyList<string> OlderSentenceConfigs { get; } =
    [
        "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json", "sentence_albert_config.json",
        "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    /// <summary>The prompts of a sentence-transformers model.</summary>
    public const string SentencePrompts = "config_sentence_transformers.json";

    /// <summary>How a sentence-transformers model pools.</summary>
    public const string PoolingConfig = "1_Pooling/config.json";

    /// <summary>The folder of the generator that a model for replaced-token detection was trained with.</summary>
    public const string GeneratorFolder = "generator";

    /// <summary>The names of SentencePiece's model.</summary>
    internal static IReadOnlyList<string> SentencePieces { get; } =
        [SentencePiece, SentencePieceOfFairseq, SentencePieceOfDeberta, SentencePieceOfLlama];

    /// <summary>Those that a tokenizer can be opened by, the first that is there.</summary>
    internal static IReadOnlyList<string> Vocabularies { get; } = [Tokenizer, Vocabulary, PieceIds, .. SentencePieces];

    /// <summary>Those that a tokenizer is read from and saved as.</summary>
    internal static IReadOnlyList<string> TokenizerFiles { get; } =
        [.. Vocabularies, Merges, TokenizerConfig, SpecialTokensMap, AddedTokens];

    /// <summary>Those of a generator, by their paths below the directory of the model that it was trained with.</summary>
    internal static IReadOnlyList<string> Generator { get; } =
        [.. TokenizerFiles.Prepend(Weights).Prepend(Config).Select(name => $"{GeneratorFolder}/{name}")];

    /// <summary>Those beside the configuration and the weights; a directory may lack any of them.</summary>
    internal static IReadOnlyList<string> Others { get; } =
    [
        .. TokenizerFiles, GenerationConfig, Card, SentenceModules, SentenceConfig, SentencePrompts, PoolingConfig,
    ];

    /// <summary>All that are read; shards come by their index.</summary>
    internal static IReadOnlyList<string> All { get; } =
        [Config, .. WeightFiles.Names, .. Others, .. OlderSentenceConfigs, .. Generator];
}
