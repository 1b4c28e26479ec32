using System.Text.Json;
using MlNetBert.HuggingFace;

namespace MlNetBert.Embeddings;

/// <summary>
/// How a sentence-transformers directory wants its model used (modules.json and its modules' folders, sentence_bert_config.json,
/// config_sentence_transformers.json). Another directory says nothing.
/// </summary>
internal sealed record SentenceSettings
{
    private const string SayIt = $"say which pooling to take ({nameof(EmbeddingOptions)}.{nameof(EmbeddingOptions.Pooling)})";

    /// <summary>How token vectors become one; several are put together. Null where it is not said.</summary>
    public IReadOnlyList<Pooling>? Pooling { get; private init; }

    /// <summary>Whether the tokens of a prompt count when vectors are pooled.</summary>
    public bool PoolsPrompt { get; private init; } = true;

    /// <summary>What becomes of a pooled vector, except for <see cref="Normalize"/>.</summary>
    public IReadOnlyList<SentenceStage> Stages { get; private init; } = [];

    /// <summary>Whether vectors are scaled to length 1 at the end.</summary>
    public bool Normalize { get; private init; }

    /// <summary>Tokens that are read; null where it is not said.</summary>
    public StatedLength? MaxLength { get; private init; }

    /// <summary>Whether a text is lower-cased before the tokenizer's own normalizer; its special tokens stay.</summary>
    public bool LowerCase { get; private init; }

    /// <summary>What is put before a text.</summary>
    public SentencePrompts Prompts { get; private init; } = SentencePrompts.None;

    /// <summary>
    /// What the directory's vectors need and is not supported, however they are pooled; null for nothing. Other uses of the model do not
    /// need it.
    /// </summary>
    public SentenceFault? StageFault { get; private init; }

    /// <summary>The same of its pooling.</summary>
    public SentenceFault? PoolingFault { get; private init; }

    public static SentenceSettings None { get; } = new();

    /// <summary>Reads the settings of a model directory.</summary>
    /// <exception cref="ModelFormatException">A file is malformed.</exception>
    public static SentenceSettings Read(string directory)
    {
        if (SentenceModules.Read(directory) is not { } modules)
            return None;
        var transformer = TransformerModule.Read(directory);
        var settings = ReadPooling(directory, modules) with
        {
            MaxLength = transformer.MaxLength,
            LowerCase = transformer.LowerCase,
            Prompts = SentencePrompts.Read(directory),
        };
        try
        {
            var stages = ReadStages(directory, modules).ToList();
            var normalizes = stages.Count > 0 && stages[^1] == SentenceStage.Normalize;
            return settings with
            {
                Stages = normalizes ? stages[..^1] : stages,
                Normalize = normalizes,
                StageFault = transformer.Fault,
            };
        }
        catch (ModelFormatException e)
        {
            return settings with { StageFault = transformer.Fault ?? SentenceFault.Of(e) };
        }
    }

    // Dropout does nothing where nothing is trained.
    private static IEnumerable<SentenceStage> ReadStages(string directory, IReadOnlyList<(string Type, string Folder)> modules)
    {
        var pooled = false;
        foreach (var (type, folder) in modules)
        {
            pooled |= type == "Pooling";
            switch (type)
            {
                case "Transformer" or "Pooling" or "Dropout":
                    break;
                case "Normalize" or "Dense" when !pooled:
                    throw Unsupported($"a {type} before the pooling");
                case "Normalize":
                    yield return SentenceStage.Normalize;
                    break;
                case "Dense":
                    yield return DenseStage.Read(Path.Combine(directory, folder.Replace('/', Path.DirectorySeparatorChar)));
                    break;
                default:
                    throw Unsupported($"'{type}'");
            }
        }

        if (!pooled)
            throw Unsupported("no Pooling");

        ModelFormatException Unsupported(string found) => new(Path.Combine(directory, ModelFiles.SentenceModules),
            $"expected the modules Transformer, Pooling, Dense, Normalize and Dropout, found {found}, which is not supported: "
                + "the vectors would be others.");
    }

    private static SentenceSettings ReadPooling(string directory, IReadOnlyList<(string Type, string Folder)> modules)
    {
        var folders = modules.Where(module => module.Type == "Pooling").Select(module => module.Folder).ToList();
        if (folders.Count > 1)
        {
            return None with
            {
                PoolingFault = new SentenceFault(Path.Combine(directory, ModelFiles.SentenceModules),
                    $"expected one module Pooling, found {folders.Count}."),
            };
        }

        if (folders.Count == 0)
            return new SentenceSettings();
        var path = Path.Combine(directory, folders[0].Replace('/', Path.DirectorySeparatorChar), ModelFiles.Config);
        if (!File.Exists(path))
        {
            return new SentenceSettings
            {
                PoolingFault = new SentenceFault(
                    path, $"is missing: the module Pooling says there how it pools. Get the model anew, or {SayIt}."),
            };
        }

        return SentenceJson.Read(path, config =>
        {
            if (config.ValueKind != JsonValueKind.Object)
                throw new FormatException($"{config.ValueKind} instead of an object.");
            var names = PoolingModes.Read(config);
            var found = names.Select(PoolingModes.Find).ToList();
            return found.Count == 0 || found.Contains(null)
                ? new SentenceSettings
                {
                    PoolingFault = new SentenceFault(
                        path, $"asks for the pooling {string.Join(" with ", names.DefaultIfEmpty("none"))}, which is not supported: "
                            + $"expected some of {string.Join(", ", PoolingModes.Names)}. To embed all the same, {SayIt}."),
                }
                : new SentenceSettings
                {
                    Pooling = [.. found.OfType<Pooling>()],
                    // As Python takes null: it is not true.
                    PoolsPrompt = !config.TryGetProperty("include_prompt", out var prompt)
                        || (prompt.ValueKind != JsonValueKind.Null && prompt.GetBoolean()),
                };
        });
    }
}
