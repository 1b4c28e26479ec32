using MlNetBert.Embeddings;
using MlNetBert.Generation;
using MlNetBert.HuggingFace;
using MlNetBert.Models;

namespace MlNetBert.Inference;

/// <summary>Reads a Hugging Face directory.</summary>
internal static class SharedModelReader
{
    /// <summary>Reads and checks everything.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="temporary">Whether the directory is deleted afterwards.</param>
    /// <param name="options">How it is opened; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    public static SharedModel Read(
        string path, string source, bool temporary, PretrainedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        options ??= PretrainedModelOptions.Default;
        options.Validate();
        var directory = ModelDirectory.Open(path);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        var tokenizer = SubwordTokenizer.FromDirectory(path, options.InvalidText, options.TokenizerPrecedence);
        var beyond = PiecesBeyond(tokenizer, config, path);
        if (beyond is not null)
            tokenizer = tokenizer.WithEmbeddings(config.VocabularySize);
        if (!config.TakesTypeIds(tokenizer.Template.MaxTypeId))
        {
            throw new ModelFormatException(
                path, $"expected a tokenizer whose pairs have type ids below the model's {config.TokenTypeCount} (type_vocab_size), found "
                    + $"{tokenizer.Template.MaxTypeId} in its template. The tokenizer is another model's.");
        }

        using var weights = CancelableWeights.Of(directory.OpenWeights(), cancellationToken);
        var architecture = ModelArchitecture.Of(config);
        var modelClass = architecture.ClassOf(config, weights, out var guess);
        var network = architecture.Load(modelClass, config, weights, out var report);
        try
        {
            LoadWarnings.RequireEncoder(report, options.AllowMissing, source);
            return new SharedModel(
                network,
                tokenizer,
                source,
                SentenceSettings.Read(path),
                Hold(directory, temporary, options.ChangesTokenizer),
                report,
                [.. weights.Notes, .. LoadWarnings.Of(report, guess, source), .. beyond is null ? [] : new[] { $"{source}: {beyond}" }])
            {
                GenerationConfig = GenerationFiles.BytesOf(directory),
            };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    // Some text-to-text models are published with a mask token beyond their embeddings (bart-large-cnn), some causal ones with one for
    // padding: they do without.
    private static string? PiecesBeyond(SubwordTokenizer tokenizer, ModelConfig config, string path)
    {
        var count = config.VocabularySize;
        if (tokenizer.Vocabulary.Count <= count)
            return null;
        int[] beyond = [.. Enumerable.Range(count, tokenizer.Vocabulary.Count - count)];
        var writes = ModelArchitecture.Of(config).HasWriter;
        var needed = tokenizer.Template.TokenIds.Append(tokenizer.SpecialTokens.UnknownTokenId ?? 0);
        if (!writes || !beyond.All(tokenizer.IsAdded) || beyond.Intersect(needed).Any())
        {
            throw new ModelFormatException(
                path, $"expected a tokenizer with at most the {count} pieces that the model has embeddings for (vocab_size), found "
                    + $"{tokenizer.Vocabulary.Count}. The tokenizer is another model's, or has added tokens that the model was not resized "
                    + "for.");
        }

        return $"the model has embeddings for {count} tokens (vocab_size), but its tokenizer adds others behind them: "
            + $"{LoadWarnings.Names([.. beyond.Select(id => tokenizer.Vocabulary[id])])}. Texts that hold one are refused.";
    }

    /// <summary>
    /// The files of a directory that make up its model and are copied as they are, by their paths below it with forward slashes: all but
    /// pickled weights. Modules of sentence-transformers keep theirs.
    /// </summary>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        var ofModules = SentenceModules.FilesOf(path);
        foreach (var name in ofModules)
        {
            if (ModelFileGuard.FaultOf(path, name) is { } fault)
                throw new ModelFormatException(Path.Combine(path, name), fault);
        }

        var weights = WeightFiles.In(path);
        IEnumerable<string> files = weights is null or { ArePickled: true } ? [] : weights.All;
        return
        [
            .. ModelFiles.All.Except(WeightFiles.Names).Concat(files).Concat(ofModules).Distinct(StringComparer.Ordinal)
                .Where(name => !WeightFiles.IsPickled(name) && IsThere(path, name)),
        ];
    }

    /// <summary>The folders whose weights are pickled, and so are written as safetensors: the directory itself (""), and modules.</summary>
    public static IReadOnlyList<string> PickledFoldersOf(string path) =>
    [
        .. SentenceModules.FilesOf(path).Select(name => name[..name.LastIndexOf('/')]).Prepend("").Distinct(StringComparer.Ordinal)
            .Where(folder => WeightFiles.In(Path.Combine(path, folder)) is { ArePickled: true }),
    ];

    /// <summary>
    /// The files that a model that is saved into a directory replaces, as far as it has none of their names: another tokenizer's, other
    /// weights, modules. A README.md may be the user's, and pickled weights are not ours: both stay.
    /// </summary>
    public static IEnumerable<string> ReplacedIn(string path)
    {
        var files = new HashSet<string>(ModelFiles.All, StringComparer.Ordinal);
        try
        {
            if (File.Exists(Path.Combine(path, ModelFiles.WeightsIndex)))
            {
                files.UnionWith(CheckpointWeights.ShardsOf(Path.Combine(path, ModelFiles.WeightsIndex))
                    .Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)));
            }

            files.UnionWith(SentenceModules.FilesOf(path));
        }
        catch (ModelFormatException)
        {
            // What such a file names is not known to be a model's.
        }

        return files.Where(name => name is not (ModelFiles.Config or ModelFiles.Card) && !WeightFiles.IsPickled(name));
    }

    // A link that leads nowhere exists, too: a model card is done without, every other file is missed when it is read.
    private static bool IsThere(string path, string name) =>
        File.Exists(Path.Combine(path, name))
            && (name != ModelFiles.Card || FileIdentity.Of(Path.Combine(path, name)).Kind != FileKind.None);

    /// <summary>Whether a file is one that a tokenizer is saved as.</summary>
    public static bool IsTokenizerFile(string name) => ModelFiles.TokenizerFiles.Contains(name, StringComparer.Ordinal);

    // A tokenizer that is another than its files say is written anew when the model is saved, and so are pickled weights.
    private static List<IHeldFile> Hold(ModelDirectory directory, bool temporary, bool changesTokenizer)
    {
        var path = directory.DirectoryPath;
        foreach (var folder in temporary ? PickledFoldersOf(path) : [])
            HeldWeights.Write(path, folder, path);

        List<IHeldFile> held = [.. FilesOf(path)
            .Where(name => !changesTokenizer || !IsTokenizerFile(name)).Select(name => HeldFile.Open(path, name, temporary))];
        held.AddRange(PickledFoldersOf(path).Select(folder => HeldWeights.Open(path, folder)));
        return held;
    }
}
