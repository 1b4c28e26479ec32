using System.Globalization;
using Microsoft.ML;
using MlNetBert.Generation;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Generation;

namespace MlNetBert;

/// <summary>
/// The one handle to a model: weights, tokenizer and configuration. Immutable and thread-safe; loaded once and shared by every transformer
/// made from it. Dispose of it when no more is to be made, from any thread: transformers that share it and calls that run keep it alive,
/// and a call that begins afterwards is refused with an <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed class PretrainedModel : IDisposable
{
    private readonly SharedModel _shared;
    private int _disposed;

    internal PretrainedModel(SharedModel shared)
    {
        shared.AddLease();
        _shared = shared;
    }

    /// <summary>The tokenizer.</summary>
    public SubwordTokenizer Tokenizer => Shared.Tokenizer;

    /// <summary>The configuration, as config.json holds it.</summary>
    public ModelConfig Config => Shared.Network.Config;

    /// <summary>Where the model is from: a directory, or the run that made it.</summary>
    public string Source => Shared.Source;

    /// <summary>
    /// The trained head that the model has: of masked language modeling, of that and next sentences
    /// (<see cref="ModelHead.PreTraining"/>, a <c>BertForPreTraining</c>), or of what it was fine-tuned for;
    /// <see cref="ModelHead.Encoder"/> where it has none.
    /// </summary>
    public ModelHead Head => Shared.Head;

    /// <summary>Which weights were missing or unused where the model was read from files; null where it was trained here.</summary>
    public LoadReport? LoadReport => Shared.Report;

    /// <summary>
    /// What there is to say about the files that the model was read from: tensors that are not used or contradict others, and weights that
    /// were drawn. Training writes them to ML.NET's log.
    /// </summary>
    public IReadOnlyList<string> Warnings => Shared.Warnings;

    /// <summary>The network, for who holds this handle and lets nobody dispose of it meanwhile; others <see cref="Call"/>.</summary>
    internal LanguageModelModule Network => Shared.Network;

    internal SharedModel Shared
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            return _shared;
        }
    }

    /// <summary>A model whose weights are drawn and not trained: what a pretrained one is to be compared with.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="tokenizer">The tokenizer, with at most as many pieces as the configuration has.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <returns>The model, without a trained head.</returns>
    /// <exception cref="InvalidOptionsException">The tokenizer has more pieces than the configuration, or the configuration is not
    /// whole.</exception>
    public static PretrainedModel Create(ModelConfig config, SubwordTokenizer tokenizer, int seed = 42)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var faults = new OptionsValidator().Require(
            tokenizer.Vocabulary.Count <= config.VocabularySize, nameof(config.VocabularySize), config.VocabularySize,
            $"must be at least the tokenizer's {tokenizer.Vocabulary.Count} pieces").Require(
            config.TakesTypeIds(tokenizer.Template.MaxTypeId), nameof(config.TokenTypeCount),
            config.TokenTypeCount, $"must be above {tokenizer.Template.MaxTypeId}, the highest type id in the tokenizer's template");
        foreach (var fault in config.Validate())
            faults.Require(false, nameof(config), config.ModelType, $"must be a whole configuration ({fault.TrimEnd('.')})");
        faults.ThrowIfAny(nameof(PretrainedModel));
        return new PretrainedModel(
            new SharedModel(
                ModelArchitecture.Of(config).Create(ModelHead.Encoder, config, seed),
                tokenizer,
                "drawn, not trained"));
    }

    /// <summary>Opens a Hugging Face directory: config.json, model.safetensors and the tokenizer's files.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="options">What is done where files are not whole or contradict each other; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The model.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="ModelFormatException">A file is missing, malformed, not supported or contradicts another, or the weights lack one
    /// of the encoder.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static PretrainedModel FromDirectory(
        string path, PretrainedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new PretrainedModel(SharedModelReader.Read(path, path, temporary: false, options, cancellationToken));
    }

    /// <summary>
    /// Opens a model of the Hugging Face hub, or of its cache: config.json, model.safetensors (or its shards) and the tokenizer's files,
    /// all of one commit.
    /// </summary>
    /// <param name="repositoryId">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="hubOptions">How to reach the hub; null for the defaults and the environment (HF_HOME, HF_ENDPOINT, HF_TOKEN,
    /// HF_HUB_OFFLINE).</param>
    /// <param name="modelOptions">What is done where files are not whole or contradict each other; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the download and the reading; what came stays in the cache.</param>
    /// <returns>The model.</returns>
    /// <exception cref="HubException">The hub refuses, fails or cannot be reached, or the id is none; the message says what to
    /// do.</exception>
    /// <exception cref="ModelFormatException">As <see cref="FromDirectory"/>.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static async Task<PretrainedModel> FromHubAsync(
        string repositoryId,
        string revision = HubClient.DefaultRevision,
        HubOptions? hubOptions = null,
        PretrainedModelOptions? modelOptions = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(repositoryId);
        ArgumentException.ThrowIfNullOrEmpty(revision);
        modelOptions?.Validate();
        var directory =
            await HubSnapshot.FetchAsync(repositoryId, revision, hubOptions, weights: true, cancellationToken).ConfigureAwait(false);
        // Weights are read and copied for seconds: not on the thread that waits for them.
        return new PretrainedModel(await Task.Run(
            () => SharedModelReader.Read(directory, repositoryId, temporary: false, modelOptions, cancellationToken), cancellationToken)
            .ConfigureAwait(false));
    }

    /// <summary><see cref="FromHubAsync"/>, waiting for the end.</summary>
    /// <param name="repositoryId">The repository, such as <c>google-bert/bert-base-uncased</c>.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="hubOptions">How to reach the hub; null for the defaults and the environment.</param>
    /// <param name="modelOptions">What is done where files are not whole or contradict each other; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the download and the reading; what came stays in the cache.</param>
    /// <returns>The model.</returns>
    /// <exception cref="HubException">As <see cref="FromHubAsync"/>.</exception>
    /// <exception cref="ModelFormatException">As <see cref="FromDirectory"/>.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static PretrainedModel FromHub(
        string repositoryId,
        string revision = HubClient.DefaultRevision,
        HubOptions? hubOptions = null,
        PretrainedModelOptions? modelOptions = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(repositoryId);
        ArgumentException.ThrowIfNullOrEmpty(revision);
        modelOptions?.Validate();
        var directory = HubSnapshot.Fetch(repositoryId, revision, hubOptions, weights: true, cancellationToken);
        return new PretrainedModel(
            SharedModelReader.Read(directory, repositoryId, temporary: false, modelOptions, cancellationToken));
    }

    /// <summary>Takes the model out of a fitted pipeline: of its last transformer that holds one.</summary>
    /// <param name="fitted">A fitted transformer or chain, trained or loaded.</param>
    /// <returns>A handle of its own to the same weights; dispose of it.</returns>
    /// <exception cref="ArgumentException">Nothing in the chain holds a model.</exception>
    public static PretrainedModel FromTransformer(ITransformer fitted)
    {
        ArgumentNullException.ThrowIfNull(fitted);
        var holder = Flatten(fitted).OfType<IModelHolder>().LastOrDefault() ?? throw new ArgumentException(
            "Expected a fitted pipeline that holds a pretrained model (FillMask, EmbedText …), found "
                + $"{fitted.GetType().Name} without one.", nameof(fitted));
        return holder.Model.Share();
    }

    /// <summary>
    /// Saves the Hugging Face directory, each file whole and config.json last, so that a directory without it is a save that was
    /// interrupted: what <c>AutoModelForMaskedLM.from_pretrained</c> reads, or the class of the task that the model was fine-tuned for.
    /// </summary>
    /// <param name="directory">Where to. A model that is there is replaced, and no file of it stays but a README.md and pickled weights,
    /// which are not read beside others; other files stay.</param>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public void Save(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        using var call = Call();
        AtomicDirectory.Merge(directory, ModelFiles.Config, _shared.WriteTo, SharedModelReader.ReplacedIn);
    }

    /// <summary>Gives up this handle; the memory is freed with the last one.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _shared.EndLease();
    }

    /// <summary>Begins a call: the memory is not freed before it is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">This handle was disposed of.</exception>
    /// <param name="device">Where to compute; null for where the weights are.</param>
    internal ModelCall Call(TorchSharp.torch.Device? device = null) => new(Shared, device);

    /// <summary>Another handle to the same weights.</summary>
    internal PretrainedModel Share() => new(Shared);

    /// <summary>Refuses a model of whose encoder weights were drawn.</summary>
    /// <param name="what">What needs them, as a sentence begins: «Embedding».</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidOperationException">There are such weights.</exception>
    internal PretrainedModel RequireWhole(string what) =>
        LoadReport
            is not { MissingInBackbone: [var first, ..] missing } ? this : throw new InvalidOperationException(string.Create(
        CultureInfo.InvariantCulture,
        $"{what} needs a whole encoder, but {missing.Count} weight(s) of {Source} were missing and drawn at random ('{first}' …): train "
            + $"on from it, or get the checkpoint anew."));

    /// <summary>The network as a class of model whose head was trained; null where the model has another head, or none.</summary>
    /// <typeparam name="T">The class.</typeparam>
    internal T? Find<T>()
        where T : LanguageModelModule => Shared.HasWholeHead ? Network as T : null;

    /// <summary>Whether the model gives a number for a pair of texts: by a regression, or by a head over pairs.</summary>
    internal bool ScoresPairs => Shared.HasWholeHead && Network is Models.Heads.IPairScorer { ScoresPairs: true };

    /// <summary>Refuses a model without a trained head of a class, and one of whose encoder weights were drawn.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="what">What needs the head, as a sentence begins: «Filling masks».</param>
    /// <param name="head">The head, with its article; null calls it by the class.</param>
    /// <param name="remedy">What to do, a sentence.</param>
    /// <returns>The network.</returns>
    /// <exception cref="InvalidOperationException">There is no such head.</exception>
    internal T Require<T>(
        string what,
        string? head = null,
        string remedy = "Pretrain or fine-tune the model, or take a checkpoint with that head.")
        where T : LanguageModelModule =>
        RequireWhole(what).Find<T>()
            ?? throw new InvalidOperationException(
                $"{what} needs {head ?? $"the head of a {Spelled(typeof(T))}"}, but {MissingHead(typeof(T))}. {remedy}");

    /// <summary>Refuses a model that writes no texts, and one whose weights were drawn.</summary>
    /// <param name="what">What needs it, as a sentence begins: "Generating text".</param>
    /// <returns>The network.</returns>
    /// <exception cref="InvalidOperationException">It is such a model.</exception>
    internal IGenerativeModel RequireGenerative(string what) =>
        RequireWhole(what).Find<LanguageModelModule>() as IGenerativeModel ?? throw ModelWithoutTokenizer.NoGenerativeModel(
            what, Source, Network.ClassName + (Shared.HasWholeHead ? "" : " without trained weights of its head"));

    /// <summary>What the model's files say of generation.</summary>
    /// <exception cref="ModelFormatException">They are malformed.</exception>
    internal GenerationFiles GenerationFiles => GenerationFiles.Read(Config, Shared.GenerationConfig, Source)
        .WithTokenizer(Tokenizer.SpecialTokens);

    // MaskedLanguageModel → masked language model
    private static string Spelled(Type type) =>
        string.Concat(type.Name.Select((c, i) => (i > 0 && char.IsUpper(c) ? " " : "") + char.ToLowerInvariant(c)));

    private string MissingHead(Type type)
    {
        var report = LoadReport;
        if (type.IsInstanceOfType(Network))
            return $"the model ({Source}) lacks weights of its own: {LoadWarnings.Names(report!.MissingKeys)}";
        var unused = report?.UnexpectedKeys.Count > 0
            ? $" (config.json says so), and does not use {LoadWarnings.Names(report.UnexpectedKeys)}"
            : "";
        return $"the model ({Source}) has none: its checkpoint holds a {Network.ClassName}{unused}";
    }

    /// <summary>The model as the class of a fine-tuned head.</summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="file">What holds the model, for messages.</param>
    /// <exception cref="ModelFormatException">It has another head.</exception>
    internal T RequireHead<T>(string file)
        where T : LanguageModelModule => Find<T>()
            ?? throw new ModelFormatException(file,
                $"expected a model that is a {typeof(T).Name}, found "
                    + $"{Network.ClassName}{(Shared.HasWholeHead ? "" : " without trained weights of its head")}. Save the model "
                    + "again.");

    internal static IEnumerable<ITransformer> Flatten(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];
}
