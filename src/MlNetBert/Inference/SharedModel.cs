using MlNetBert.Embeddings;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Cards;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models;
using MlNetBert.Text.Tokenizers;
using static TorchSharp.torch;

namespace MlNetBert.Inference;

/// <summary>
/// Weights, tokenizer and configuration, loaded once and shared by every <see cref="PretrainedModel"/> made from it. Each holds a lease,
/// and so does each call while it runs (<see cref="ModelCall"/>); the native memory is freed with the last, or by finalizers where a
/// handle was never disposed of.
/// </summary>
internal sealed class SharedModel
{
    private readonly IReadOnlyList<HeldFile> _files;
    private readonly ModelCard? _card;
    private readonly MemoryPressure? _pressure;
    private readonly bool _learns;
    private readonly Dictionary<string, ModelWithHead> _copies = new(StringComparer.Ordinal);
    private int _leases;
    private int _warningsTaken;

    /// <summary>A model that was trained here, or still is (<paramref name="learns"/>).</summary>
    public SharedModel(
        ModelWithHead network,
        ModelHead head,
        SubwordTokenizer tokenizer,
        string source,
        ModelCard? card = null,
        bool learns = false,
        KeptTensors? kept = null)
        : this(network, head, tokenizer, source, SentenceSettings.None, [], report: null, kept ?? KeptTensors.None, warnings: [], learns) =>
            _card = card;

    /// <summary>A model that was read from files.</summary>
    public SharedModel(
        ModelWithHead network,
        ModelHead head,
        SubwordTokenizer tokenizer,
        string source,
        SentenceSettings sentence,
        IReadOnlyList<HeldFile> files,
        LoadReport? report,
        KeptTensors kept,
        IReadOnlyList<string> warnings,
        bool learns = false)
    {
        Network = network;
        Tokenizer = tokenizer;
        Source = source;
        Head = head;
        Sentence = sentence;
        _files = files;
        Report = report;
        Kept = kept;
        Warnings = warnings;
        _learns = learns;
        if (learns)
            return;
        network.PrepareForInference();
        _pressure = new MemoryPressure(network.parameters().Sum(parameter => parameter.numel() * parameter.element_size()));
    }

    /// <summary>An encoder with a head; a checkpoint of an encoder alone has a masked-LM head that nobody trained.</summary>
    public ModelWithHead Network { get; }

    /// <summary>
    /// The network on a device: the network itself on the processor, where weights are kept, or while it learns; elsewhere a copy, made
    /// once and freed with the model.
    /// </summary>
    public ModelWithHead NetworkOn(Device device)
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
    internal ModelWithHead CopyTo(Device device)
    {
        using var weights = CheckpointWeights.FromTensors(Weights.ToTensors(Network));
        var head = Head == ModelHead.Encoder ? ModelHead.MaskedLanguageModel : Head;
        var copy = (ModelWithHead)ModelArchitecture.Of(Network.Config).Load(head, Network.Config, weights, out _);
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

    /// <summary>Which trained head the model has; <see cref="ModelHead.Encoder"/> where it has none.</summary>
    public ModelHead Head { get; }

    public SubwordTokenizer Tokenizer { get; }

    public string Source { get; }

    public SentenceSettings Sentence { get; }

    public LoadReport? Report { get; }

    /// <summary>What there is to say about the files it was read from.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>What is saved beside the network's own weights.</summary>
    public KeptTensors Kept { get; }

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
        if (_files.Count == 0)
        {
            var report = Weights.Copy(Network, network, outputs);
            using var kept = CheckpointWeights.FromTensors(Kept.Tensors);
            if (!report.Missing.Any(kept.Contains))
                return report;
            var missing = Weights.Load(network, kept, outputs: outputs).Missing;
            return report with { Missing = [.. report.Missing.Intersect(missing, StringComparer.Ordinal)] };
        }

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
    /// Writes the Hugging Face directory: the files the model was opened from, or new ones for a model that was trained.
    /// </summary>
    public void WriteTo(string directory)
    {
        if (_files.Count > 0)
        {
            foreach (var file in _files)
                file.CopyTo(directory);
            if (!_files.Any(file => file.Name is ModelFiles.Tokenizer or ModelFiles.Vocabulary))
                Tokenizer.Save(directory);
            return;
        }

        var config = Weights.ConfigOf(Network);
        SafetensorsWriter.Write(Path.Combine(directory, ModelFiles.Weights), Tensors());
        AtomicFile.WriteAllText(Path.Combine(directory, ModelFiles.Config),
            (Kept.ClassName is { } name ? config with { Architectures = [name] } : config).ToJsonString());
        Tokenizer.Save(directory);
        _card?.Save(directory);
    }

    private IEnumerable<TensorData> Tensors()
    {
        var own = Network.CheckpointWeights().Select(weight => weight.Name).ToHashSet(StringComparer.Ordinal);
        return Weights.ToTensors(Network).Concat(Kept.Tensors.Where(tensor => !own.Contains(tensor.Name)));
    }
}
