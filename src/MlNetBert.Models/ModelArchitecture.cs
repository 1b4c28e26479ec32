using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Bert;

namespace MlNetBert.Models;

/// <summary>
/// An architecture: how its configuration is read and made, and how its models are built. One object each, found by the <c>model_type</c>
/// of config.json. Thread-safe.
/// </summary>
public abstract class ModelArchitecture
{
    /// <summary>BERT: post-norm, learned positions.</summary>
    public static ModelArchitecture Bert { get; } = new BertArchitecture();

    /// <summary>Every architecture.</summary>
    public static IReadOnlyList<ModelArchitecture> All { get; } = [Bert];

    /// <summary>The name in config.json.</summary>
    public abstract string ModelType { get; }

    /// <summary>The learning rate that training from nothing starts at unless told otherwise.</summary>
    public abstract double LearningRateFromScratch { get; }

    /// <summary>The architecture of a name.</summary>
    /// <param name="modelType">The name, such as <c>bert</c>; case does not matter.</param>
    /// <returns>The architecture.</returns>
    /// <exception cref="ArgumentException">There is none of this name; the message lists those there are.</exception>
    public static ModelArchitecture Get(string modelType)
    {
        ArgumentNullException.ThrowIfNull(modelType);
        return Find(modelType) ?? throw new ArgumentException($"There is no architecture '{modelType}'; the architectures are {Names}.", nameof(modelType));
    }

    /// <summary>The architecture that a configuration belongs to.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>The architecture.</returns>
    public static ModelArchitecture Of(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Get(config.ModelType);
    }

    /// <summary>Reads a config.json of any architecture.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ModelConfigException">The file is not JSON, of an unknown architecture, or asks for what is not supported; the message names the key.</exception>
    public static ModelConfig ReadConfig(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadConfig(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads the bytes of a config.json of any architecture.</summary>
    /// <param name="utf8Json">The file's bytes.</param>
    /// <param name="file">What messages call the file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ModelConfigException">As <see cref="ReadConfig(string)"/>.</exception>
    public static ModelConfig ReadConfig(ReadOnlyMemory<byte> utf8Json, string file)
    {
        var json = ConfigReader.Open(utf8Json, file);
        var modelType = new ConfigReader(json, file).Text("model_type")
            ?? throw new ModelConfigException(file, $"the key 'model_type' is missing; supported are {Names}.");
        var architecture = Find(modelType) ?? throw new ModelConfigException(file, $"'model_type' is '{modelType}', which is not supported; supported are {Names}.");
        return architecture.ParseConfig(json, file);
    }

    /// <summary>A configuration of a preset size.</summary>
    /// <param name="size">The size.</param>
    /// <param name="vocabularySize">The number of token ids.</param>
    /// <param name="maxPositions">The longest sequence in tokens.</param>
    /// <param name="tokens">The ids of the special tokens.</param>
    /// <returns>The configuration.</returns>
    public abstract ModelConfig CreateConfig(ModelSize size, int vocabularySize, int maxPositions, ModelTokenIds tokens);

    /// <summary>Reads a configuration of this architecture.</summary>
    /// <param name="json">The object of config.json.</param>
    /// <param name="file">What messages call the file.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ModelConfigException">A key is missing, malformed or asks for what is not supported.</exception>
    public abstract ModelConfig ParseConfig(JsonObject json, string file);

    /// <summary>Builds the encoder with drawn weights.</summary>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <returns>The encoder, in training mode as every new module.</returns>
    public Encoder CreateEncoder(ModelConfig config, long seed) => Initialized(BuildEncoder(config), seed);

    /// <summary>Builds the masked language model with drawn weights.</summary>
    /// <param name="config">A configuration of this architecture.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <returns>The model, in training mode.</returns>
    public MaskedLanguageModel CreateMaskedLanguageModel(ModelConfig config, long seed) => Initialized(BuildMaskedLanguageModel(config), seed);

    private protected abstract Encoder BuildEncoder(ModelConfig config);

    private protected abstract MaskedLanguageModel BuildMaskedLanguageModel(ModelConfig config);

    private protected T Cast<T>(ModelConfig config)
        where T : ModelConfig
    {
        ArgumentNullException.ThrowIfNull(config);
        var faults = config.Faults().ToList();
        if (faults.Count > 0)
            throw new InvalidOptionsException(config.GetType().Name, faults);
        return config as T ?? throw new ArgumentException($"The architecture {ModelType} takes a {typeof(T).Name}, found a {config.GetType().Name}.", nameof(config));
    }

    private static string Names => string.Join(", ", All.Select(architecture => architecture.ModelType));

    private static ModelArchitecture? Find(string modelType) =>
        All.FirstOrDefault(architecture => string.Equals(architecture.ModelType, modelType, StringComparison.OrdinalIgnoreCase));

    private static T Initialized<T>(T model, long seed)
        where T : PretrainedModule
    {
        model.Initialize(seed);
        return model;
    }
}
