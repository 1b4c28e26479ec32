using MlNetBert.Embeddings;
using MlNetBert.Generation;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.Models;
using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Generation;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>
/// Weights, tokenizer and configuration, loaded once and shared by every <see cref="PretrainedModel"/> made from it. Each holds a lease,
/// and so does each call while it runs (<see cref="ModelCall"/>); the native memory is freed with the last, or by finalizers where a
/// handle was never disposed of.
/// </summary>
internal sealed class SharedModel
{
    private readonly IReadOnlyList<IHeldFile> _files;
    private readonly ModelCard? _card;
    private readonly MemoryPressure? _pressure;
    private readonly bool _learns;
    private readonly Dictionary<string, LanguageModelModule> _copies = new(StringComparer.Ordinal);
    private int _leases;
    private int _warningsTaken;

    /// <summary>
    /// A model that was trained here, or still is (<paramref name="learns"/>). What the files of the one that it started from say of
    /// writing texts holds for one that writes texts, too.
    /// </summary>
    public SharedModel(
        LanguageModelModule network,
        SubwordTokenizer tokenizer,
        string source,
        SharedModel? start = null,
        ModelCard? card = null,
        bool learns = false)
        : this(network, tokenizer, source, SentenceSettings.None, [], report: null, warnings: [], learns)
    {
        _card = card;
        GenerationConfig = network is IGenerativeModel ? start?.GenerationConfig : null;
    }

    /// <summary>A model that was read from files.</summary>
    public SharedModel(
        LanguageModelModule network,
        SubwordTokenizer tokenizer,
        string source,
        SentenceSettings sentence,
        IReadOnlyList<IHeldFile> files,
        LoadReport? report,
        IReadOnlyList<string> warnings,
        bool learns = false)
    {
        Network = network;
        Tokenizer = tokenizer;
        Source = source;
        HasWholeHead = report is null || report.MissingInHeads.All(network.IsWholeWithout);
        Sentence = sentence;
        _files = files;
        Report = report;
        Warnings = warnings;
        _learns = learns;
        if (learns)
            return;
        network.PrepareForInference();
        _pressure = new MemoryPressure(network.parameters().Sum(parameter => parameter.numel() * parameter.element_size()));
    }

    /// <summary>The model: the class that its config.json names, with all of its heads.</summary>
    public LanguageModelModule Network { get; }

    /// <summary>
    /// The network on a device: the network itself on the processor, where weights are kept, or while it learns; elsewhere a copy, made
    /// once and freed with the model.
    /// </summary>
    public LanguageModelModule NetworkOn(Device device)
    {
        if (_learns || device.type == TorchSharp.DeviceType.CPU)
            return Network;
        lock (_copies)
        {
            if (!_copies.TryGetValue(device.ToString(), out var copy))
                _copies.Add(device.ToString(), copy = CopyTo(device));
            return copy;
        }
    }

    /// <summary>A copy of the network on a device, for the caller to dispose of.</summary>
    internal LanguageModelModule CopyTo(Device device)
    {
        var copy = ModelArchitecture.CopyOf(Network);
        try
        {
            copy.MoveTo(device);
            copy.PrepareForInference();
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether no weight that the network has beside its backbone was drawn when its files were read; a pooler of a backbone alone may be.
    /// </summary>
    public bool HasWholeHead { get; }

    /// <summary>Which trained head the model has; <see cref="ModelHead.Encoder"/> where it has none.</summary>
    public ModelHead Head => HasWholeHead
        ? ModelArchitecture.ClassOf(Network)!.Head
        : ModelHead.Encoder;

    public SubwordTokenizer Tokenizer { get; }

    /// <summary>What texts are embedded with: the tokenizer, lower-casing first where the directory asks for it.</summary>
    public SubwordTokenizer EmbeddingTokenizer => field ??= Sentence.LowerCase ? Tokenizer.LowerCased() : Tokenizer;

    public string Source { get; }

    public SentenceSettings Sentence { get; }

    public LoadReport? Report { get; }

    /// <summary>The generator that the network was trained with here, on the processor; null where there is none.</summary>
    public MaskedLanguageModel? Generator { get; init; }

    /// <summary>The bytes of generation_config.json; null where there was none.</summary>
    public byte[]? GenerationConfig { get; init; }

    /// <summary>What there is to say about the files it was read from.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The warnings for whoever asks first: they are said once, however often the model is used.</summary>
    public IReadOnlyList<string> TakeWarnings() => Interlocked.Exchange(ref _warningsTaken, 1) == 0 ? Warnings : [];

    /// <summary>Takes a lease: a handle's, or a running call's.</summary>
    /// <exception cref="ObjectDisposedException">The last one was given back.</exception>
    public void AddLease()
    {
        int leases;
        do
        {
            leases = Volatile.Read(ref _leases);
            ObjectDisposedException.ThrowIf(leases < 0, typeof(PretrainedModel));
        }
        while (Interlocked.CompareExchange(ref _leases, leases + 1, leases) != leases);
    }

    /// <summary>Gives a lease back; with the last one the memory is freed.</summary>
    public void EndLease()
    {
        // Another thread may take a lease between the two operations; then the model lives on.
        if (Interlocked.Decrement(ref _leases) != 0 || Interlocked.CompareExchange(ref _leases, int.MinValue, 0) != 0)
            return;
        Network.Dispose();
        Generator?.Dispose();
        foreach (var copy in _copies.Values)
            copy.Dispose();
        _pressure?.Dispose();
        foreach (var file in _files)
            file.Dispose();
    }

    /// <summary>
    /// Copies the weights into a model that training starts with: all that the model's files hold, a pooler too that its own head does not
    /// use.
    /// </summary>
    /// <param name="network">The model; what there is no weight for keeps its values.</param>
    /// <param name="outputs">Whether a classifier's last layer is copied, too.</param>
    /// <returns>What was missing and unused.</returns>
    public LoadReport CopyTo(LanguageModelModule network, bool outputs)
    {
        // The network has what its files have: all of it, or all that the other model needs.
        if (_files.Count == 0 || Report is { IsComplete: true }
            || (Report is { MissingKeys.Count: 0 } && Weights.Compare(Network, network).MissingKeys.Count == 0))
            return Weights.Copy(Network, network, outputs);

        // The directory may be gone by now; its files are held open.
        var directory = Directory.CreateTempSubdirectory("mlnetbert-weights-").FullName;
        try
        {
            foreach (var file in _files)
                file.CopyTo(directory);
            using var weights = ModelDirectory.Open(directory).OpenWeights();
            return Weights.Load(network, weights, outputs: outputs);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>
    /// Writes the Hugging Face directory: the files the model was opened from (of pickled weights model.safetensors), or new ones for a
    /// model that was trained.
    /// </summary>
    public void WriteTo(string directory)
    {
        if (_files.Count > 0)
        {
            foreach (var file in _files)
                file.CopyTo(directory);
            if (!_files.Any(file => ModelFiles.Vocabularies.Contains(file.Name, StringComparer.Ordinal)))
                Tokenizer.Save(directory);
            return;
        }

        Weights.SaveDirectory(Network, directory);
        Tokenizer.Save(directory);
        GenerationFiles.Write(GenerationConfig, directory);
        _card?.Save(directory);
        if (Generator is null)
            return;
        var below = Path.Combine(directory, ModelFiles.GeneratorFolder);
        Weights.SaveDirectory(Generator, below);
        Tokenizer.Save(below);
    }

    /// <summary>A copy of the generator that the network was trained with, for the caller to dispose of.</summary>
    /// <returns>The generator, in evaluation mode on the processor; null where there is none.</returns>
    /// <exception cref="ModelFormatException">Its files are malformed, or are of another kind of model.</exception>
    public MaskedLanguageModel? CopyGenerator() => Generator is not null
        ? (MaskedLanguageModel)ModelArchitecture.CopyOf(Generator)
        : GeneratorFiles.Read(_files, Source);

    /// <summary>The configuration of the generator; null where there is none.</summary>
    /// <exception cref="ModelFormatException">The file is malformed.</exception>
    public ModelConfig? ReadGeneratorConfig() => Generator?.Config ?? GeneratorFiles.ReadConfig(_files, Source);

    /// <summary>
    /// What a model with another head that starts from this one (<see cref="CopyTo(LanguageModelModule, bool)"/>) lacks, and what of this
    /// one is lost (<see cref="AddHeadsTo"/>); by names alone.
    /// </summary>
    /// <param name="head">The other model.</param>
    public LoadReport CompareWith(ModelHead head)
    {
        using var other = ModelArchitecture.Of(Network.Config).CreateSkeleton(head, Network.Config);
        var (drawn, unused) = (Report?.MissingKeys ?? [], Report?.UnexpectedKeys ?? []);
        var held = Network.CheckpointWeights().Select(weight => weight.Name).Except(drawn, StringComparer.Ordinal).Concat(unused);
        var report = WeightMatch.OfNames(other, held).ToReport(other);
        IEnumerable<string> lost = AddsHeadsTo(other, Weights.Compare(Network, other)) ? [] : report.UnexpectedKeys.Except(unused);
        return report with { UnexpectedKeys = [.. lost] };
    }

    /// <summary>
    /// A model whose training started from this one, with the heads that this one has besides as they were: BERT's next-sentence head after
    /// training with masked words alone.
    /// </summary>
    /// <param name="trained">The model; taken over.</param>
    /// <returns>The model itself where this one has no more heads, or none that are whole, and where it is an encoder: a head of before
    /// does not fit one that was trained without it.</returns>
    public LanguageModelModule AddHeadsTo(LanguageModelModule trained)
    {
        var report = Weights.Compare(Network, trained);
        if (!AddsHeadsTo(trained, report) || report.UnexpectedKeys.Count == 0)
            return trained;
        using (trained)
        {
            var whole = ModelArchitecture.ClassOf(Network)!.Build(trained.Config);
            Weights.Copy(Network, whole);
            Weights.Copy(trained, whole);
            return whole;
        }
    }

    /// <summary>Whether a model that was trained from this one is a part of it with a head of its own, not a backbone alone.</summary>
    private bool AddsHeadsTo(LanguageModelModule trained, LoadReport report) =>
        HasWholeHead && report.MissingKeys.Count == 0 && !ReferenceEquals(trained.Backbone, trained);
}
