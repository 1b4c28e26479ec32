using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Generation;

namespace MlNetBert.Generation;

/// <summary>A text-generating model of a directory without a tokenizer: ids in, ids out. Dispose of it.</summary>
internal sealed class ModelWithoutTokenizer : IDisposable
{
    private readonly LanguageModelModule _network;
    private readonly TokenGenerator _tokens;

    private ModelWithoutTokenizer(LanguageModelModule network, TokenGenerator tokens, IReadOnlyList<string> warnings) =>
        (_network, _tokens, Warnings) = (network, tokens, warnings);

    /// <summary>What there is to say about the model's files, and of the model and the options.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Whether a directory has no file that a tokenizer can be opened by.</summary>
    public static bool Is(string directory) => !ModelFiles.Vocabularies.Any(name => File.Exists(Path.Combine(directory, name)));

    /// <summary>Opens a directory.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="options">How tokens are written, and where.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="InvalidOptionsException">An option is invalid, or needs a tokenizer.</exception>
    /// <exception cref="InvalidOperationException">The model writes no texts, or its head was not trained.</exception>
    /// <exception cref="ModelFormatException">A file is missing or malformed.</exception>
    public static ModelWithoutTokenizer Open(
        string path, string source, GenerationOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        new OptionsValidator().Require(options.StopTexts.Count == 0, nameof(GenerationOptions.StopTexts), options.StopTexts,
            $"must be left out, because {source} has no tokenizer to find texts with").ThrowIfAny(nameof(GenerationOptions));
        var place = InferencePlace.Of(options, environment: null);
        var directory = ModelDirectory.Open(path);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        using var weights = CancelableWeights.Of(directory.OpenWeights(), cancellationToken);
        var architecture = ModelArchitecture.Of(config);
        var network = architecture.Load(architecture.ClassOf(config, weights, out var guess), config, weights, out var report);
        try
        {
            LoadWarnings.RequireEncoder(report, allowMissing: false, source);
            var model = network as IGenerativeModel ?? throw NoGenerativeModel(TextGenerator.What, source, network.ClassName);
            if (report.MissingInHeads.Count > 0)
            {
                throw NoGenerativeModel(
                    TextGenerator.What, source, $"{network.ClassName} without {LoadWarnings.Names(report.MissingInHeads)}");
            }

            network.MoveTo(place.Device);
            network.PrepareForInference();
            var files = GenerationFiles.Read(config, GenerationFiles.BytesOf(directory), source);
            var tokens = new TokenGenerator(model, files, options, place, source);
            return new ModelWithoutTokenizer(
                network, tokens, [.. weights.Notes, .. LoadWarnings.Of(report, guess, source), .. tokens.Notes]);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Whether what is written continues the prompt, rather than answering it.</summary>
    public bool Continues => _tokens.Continues;

    /// <summary>Says that a model writes no texts.</summary>
    public static InvalidOperationException NoGenerativeModel(string what, string source, string found) => new(
        $"{what} needs a causal or a text-to-text language model, but the model ({source}) is a {found}. Take a checkpoint such as "
            + "Llama's, or pretrain one.");

    /// <summary>Writes behind prompts.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The results of each prompt, the best first, without texts.</returns>
    /// <exception cref="ArgumentException">An id is none of the model's.</exception>
    /// <exception cref="InsufficientMemoryException">The memory does not hold a prompt with its beams; nothing was computed.</exception>
    public IReadOnlyList<IReadOnlyList<GeneratedText>> Generate(IReadOnlyList<int[]> prompts, CancellationToken cancellationToken)
    {
        List<GenerationPrompt> prepared = [.. prompts.Select(ids => _tokens.Prepare(ids))];
        var results = _tokens.Generate(_network, prepared, _ => null, place => place, cancellationToken);
        return
        [
            .. prepared.Zip(results, (prompt, sequences) => (IReadOnlyList<GeneratedText>)[.. sequences.Select(sequence =>
                new GeneratedText(null, null, sequence.Ids, null, sequence.Score, _tokens.EndOf(sequence, prompt), prompt.Cut))]),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
