using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Inference;
using MlNetBert.Models;

namespace MlNetBert.Inspection;

/// <summary>What a model is made of: its configuration, its tensors, its tokenizer, and what of them does not fit.</summary>
internal sealed class ModelInspection
{
    private ModelInspection(string source, ModelConfig config, ICheckpointWeights weights, LoadReport report)
    {
        Source = source;
        Configuration = config;
        Tensors = [.. weights.Names
            .Select(weights.Describe)
            .OrderBy(tensor => tensor.Name, StringComparer.Ordinal)
            .Select(tensor => new TensorSummary(tensor.Name, tensor.Dtype.ToName(), tensor.Shape))];
        var values = weights.Names.Select(weights.Describe).ToList();
        WeightBytes = values.Sum(tensor => tensor.ByteLength);
        Parameters = values.Where(tensor => tensor.Dtype.IsFloatingPoint() && !report.IgnoredKeys.Contains(tensor.Name))
            .Sum(tensor => tensor.ElementCount);
        Dtypes = [
            .. values.Where(tensor => tensor.Dtype.IsFloatingPoint()).Select(tensor => tensor.Dtype.ToName()).Distinct()
            .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What the model was called.</summary>
    public string Source { get; }

    /// <summary>The configuration.</summary>
    public ModelConfig Configuration { get; }

    /// <summary>The class of the model: the first known one of <c>architectures</c>, else the one whose weights are there.</summary>
    public required string Class { get; init; }

    /// <summary>What there is to say of the class where the weights decided, and of how the weights were found; a sentence or two
    /// each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>How many floating-point values the weights have; a tied decoder counts once.</summary>
    public long Parameters { get; }

    /// <summary>The weights' size in bytes.</summary>
    public long WeightBytes { get; }

    /// <summary>The types of the floating-point weights, as the file names them.</summary>
    public IReadOnlyList<string> Dtypes { get; }

    /// <summary>Every tensor, by name.</summary>
    public IReadOnlyList<TensorSummary> Tensors { get; }

    /// <summary>Which weights of <see cref="Class"/> are missing, and which tensors it has no place for.</summary>
    public required LoadReport Weights { get; init; }

    /// <summary>The tokenizer; null where there is none that can be read.</summary>
    public TokenizerSummary? Tokenizer { get; init; }

    /// <summary>Why there is no tokenizer; null where there is one.</summary>
    public string? TokenizerFault { get; init; }

    /// <summary>
    /// How a sentence-transformers directory wants its vectors made; null for another directory, or where that is not supported.
    /// </summary>
    public SentenceSummary? Sentence { get; init; }

    /// <summary>What a sentence-transformers directory asks for that is not supported; null for nothing.</summary>
    public string? SentenceFault { get; init; }

    /// <summary>
    /// The configuration of the generator that a replaced-token detector was trained with, in the folder below it; null where there is
    /// none.
    /// </summary>
    public ModelConfig? Generator { get; init; }

    /// <summary>Inspects a model.</summary>
    /// <param name="source">The model.</param>
    /// <param name="options">What is done where files contradict each other; null for the defaults. Missing weights are listed, whatever it
    /// says.</param>
    /// <param name="cancellationToken">Stops the download and the reading.</param>
    /// <returns>What it is made of.</returns>
    /// <exception cref="ModelFormatException">The configuration or the weights are malformed, not supported, or contradict each
    /// other.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static ModelInspection Of(
        ModelSource source, PretrainedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= PretrainedModelOptions.Default;
        options.Validate();
        var path = source.GetDirectory(cancellationToken);
        var directory = ModelDirectory.Open(path);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        using var weights = CancelableWeights.Of(directory.OpenWeights(), cancellationToken);
        var architecture = ModelArchitecture.Of(config);
        using var model = architecture.Load(architecture.ClassOf(config, weights, out var guess), config, weights, out var report);
        var (tokenizer, fault) = ReadTokenizer(path, options);
        var (sentence, sentenceFault) = ReadSentence(source.Name, directory, config, tokenizer);
        return new ModelInspection(
            source.Name, config with { TieWordEmbeddings = model.Config.TieWordEmbeddings }, weights, report)
        {
            Class = model.ClassName,
            Notes = [.. guess is null ? [] : new[] { guess }, .. LoadWarnings.OfUntied(report, source.Name), .. weights.Notes],
            Weights = report,
            Tokenizer = tokenizer is null ? null : TokenizerSummary.Of(tokenizer),
            TokenizerFault = fault,
            Sentence = sentence,
            SentenceFault = sentenceFault,
            Generator = directory.Has($"{ModelFiles.GeneratorFolder}/{ModelFiles.Config}")
                ? ModelArchitecture.ReadConfig(Path.Combine(path, ModelFiles.GeneratorFolder, ModelFiles.Config))
                : null,
        };
    }

    private static (SubwordTokenizer? Tokenizer, string? Fault) ReadTokenizer(string path, PretrainedModelOptions options)
    {
        try
        {
            return (SubwordTokenizer.FromDirectory(path, options.InvalidText, options.TokenizerPrecedence), null);
        }
        catch (TokenizerFormatException e)
        {
            return (null, e.Message);
        }
    }

    private static (SentenceSummary? Sentence, string? Fault) ReadSentence(
        string source, ModelDirectory directory, ModelConfig config, SubwordTokenizer? tokenizer)
    {
        if (!directory.Has(ModelFiles.SentenceModules))
            return (null, null);
        var sentence = SentenceSettings.Read(directory.DirectoryPath);
        if ((sentence.StageFault ?? sentence.PoolingFault) is { } fault)
            return (null, fault.ToException().Message);
        try
        {
            return (SentenceOf(source, sentence, config, tokenizer), null);
        }
        catch (ModelFormatException e)
        {
            return (null, e.Message);
        }
    }

    private static SentenceSummary SentenceOf(
        string source, SentenceSettings sentence, ModelConfig config, SubwordTokenizer? tokenizer) => new(
        string.Join(" with ", EmbeddingSettings.PoolingOf(sentence)),
        sentence.Normalize,
        TextLength.Of(sentence, tokenizer, config, (tokenizer?.Template.AddedCount ?? 0) + 1))
        {
            Dimension = EmbeddingSettings.DimensionOf(EmbeddingSettings.PoolingOf(sentence), config.HiddenSize, sentence.Stages, source),
            Prompts = sentence.Prompts.ByName,
            DefaultPrompt = sentence.Prompts.DefaultName,
        };
}
