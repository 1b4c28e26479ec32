using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Hub;
using MlNetBert.Inference;
using MlNetBert.Interop;

namespace MlNetBert;

/// <summary>
/// A model by its name: a Hugging Face directory, an ML.NET zip that was saved with a model of this project, or a repository of the Hugging
/// Face hub. Opens of it what is needed. Not thread-safe; dispose of it when what was opened from <see cref="GetDirectory"/> is not needed
/// any more.
/// </summary>
public sealed class ModelSource : IDisposable
{
    private readonly string _revision;
    private readonly HubOptions? _hub;
    private string? _temporary;

    private ModelSource(string name, ModelSourceKind kind, string revision, HubOptions? hub)
    {
        Name = name;
        Kind = kind;
        _revision = revision;
        _hub = hub;
    }

    /// <summary>The name as it was given.</summary>
    public string Name { get; }

    /// <summary>What it names.</summary>
    internal ModelSourceKind Kind { get; }

    /// <summary>
    /// Finds out what a name is of: an existing directory, an existing file, else an id of the hub (OWNER/NAME). Nothing is opened or
    /// fetched yet.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="revision">A branch, tag or commit, for the hub.</param>
    /// <param name="hubOptions">How to reach the hub; null for the defaults and the environment.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ModelFormatException">It is a pipe, a socket or a device.</exception>
    /// <exception cref="FileNotFoundException">There is no such directory or file, and the name is none that the hub could
    /// have.</exception>
    public static ModelSource Resolve(string name, string revision = HubClient.DefaultRevision, HubOptions? hubOptions = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(revision);
        if (ModelFileGuard.FaultOf(name) is { } fault)
            throw new ModelFormatException(name, fault);
        if (Directory.Exists(name))
            return new ModelSource(name, ModelSourceKind.Directory, revision, hubOptions);
        if (File.Exists(name))
            return new ModelSource(name, ModelSourceKind.Zip, revision, hubOptions);
        if (LooksLikeHubId(name))
            return new ModelSource(name, ModelSourceKind.Hub, revision, hubOptions);
        throw new FileNotFoundException(
            $"There is no model '{name}': expected a Hugging Face directory, an ML.NET zip, or an id of the hub such as "
                + "google-bert/bert-base-uncased; found neither a directory nor a file of that name. Check the path.", name);
    }

    /// <summary>Opens the whole model.</summary>
    /// <param name="options">What is done where files are not whole or contradict each other; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the download and the reading; a zip is read whole.</param>
    /// <returns>The model; dispose of it. It outlives this source.</returns>
    /// <exception cref="ModelFormatException">A file is missing, malformed, not supported or contradicts another, or a zip holds no model
    /// of this project.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public PretrainedModel Open(PretrainedModelOptions? options = null, CancellationToken cancellationToken = default) => Kind switch
    {
        ModelSourceKind.Zip => OpenZip(options, cancellationToken),
        ModelSourceKind.Hub => WithHint(() => PretrainedModel.FromHub(Name, _revision, _hub, options, cancellationToken)),
        _ => PretrainedModel.FromDirectory(Name, options, cancellationToken),
    };

    /// <summary>Opens the tokenizer alone; of a directory or of the hub, no weights are read.</summary>
    /// <param name="options">What is done where files contradict each other; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the download.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="ModelFormatException">As <see cref="Open"/>.</exception>
    /// <exception cref="IOException">As <see cref="Open"/>.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public SubwordTokenizer OpenTokenizer(PretrainedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (Kind == ModelSourceKind.Zip)
        {
            using var model = OpenZip(options, cancellationToken);
            return model.Tokenizer;
        }

        options ??= PretrainedModelOptions.Default;
        options.Validate();
        var directory = Kind == ModelSourceKind.Hub
            ? WithHint(() => HubSnapshot.Fetch(Name, _revision, _hub, weights: false, cancellationToken))
            : Name;
        return SubwordTokenizer.FromDirectory(directory, options.InvalidText, options.TokenizerPrecedence);
    }

    /// <summary>
    /// A directory with the model's files: the directory itself, the hub's snapshot, or what a zip holds, in a temporary directory.
    /// </summary>
    /// <param name="cancellationToken">Stops the download; a zip is read whole.</param>
    /// <returns>The directory; do not write to it.</returns>
    /// <exception cref="ModelFormatException">A zip holds no model of this project.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public string GetDirectory(CancellationToken cancellationToken = default)
    {
        switch (Kind)
        {
            case ModelSourceKind.Directory:
                return Name;
            case ModelSourceKind.Hub:
                return WithHint(() => HubSnapshot.Fetch(Name, _revision, _hub, weights: true, cancellationToken));
            default:
                if (_temporary is null)
                {
                    using var model = OpenZip(options: null, cancellationToken);
                    _temporary = Directory.CreateTempSubdirectory("mlnetbert-model-").FullName;
                    model.Save(_temporary);
                }

                return _temporary;
        }
    }

    /// <summary>Deletes the temporary directory, if there is one.</summary>
    public void Dispose()
    {
        if (_temporary is not null && Directory.Exists(_temporary))
            Directory.Delete(_temporary, recursive: true);
        _temporary = null;
    }

    /// <summary>OWNER/NAME; not where a directory OWNER is here, in which NAME is looked for in vain.</summary>
    private static bool LooksLikeHubId(string name) =>
        !Path.IsPathRooted(name) && name.Count(c => c == '/') == 1 && !name.Contains('\\') && name[0] is not ('.' or '~' or '/')
            && name[^1] != '/'
        && !name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) && !Directory.Exists(name.Split('/')[0]);

    private PretrainedModel OpenZip(PretrainedModelOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        options?.Validate();
        var isLoaded = false;
        ZipGuard.Check(Name);
        try
        {
            var pipeline = ModelStore.LoadWith(options, () => new MLContext().Model.Load(Name, out _));
            isLoaded = true;
            using var owned = pipeline as IDisposable;
            return PretrainedModel.FromTransformer(pipeline);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            for (var cause = e; cause is not null; cause = cause.InnerException)
            {
                if (cause is ModelFormatException)
                    throw new ModelFormatException(Name, cause.Message, e);
                if (cause is UnauthorizedAccessException
                    or IOException and not (EndOfStreamException or FileNotFoundException or FileLoadException))
                    throw NotUnpacked(cause);
            }

            if (!isLoaded && PipelineZip.Is(Name))
            {
                var cause = e.GetBaseException();
                throw new ModelFormatException(
                    Name, cause is InvalidDataException or EndOfStreamException
                        ? $"is an ML.NET zip, but damaged: {cause.Message} Get the file again, or save the model again."
                        : $"is an ML.NET zip, but a part of its pipeline cannot be loaded here: {cause.Message} If the file is whole, load "
                            + "it in a program that knows that part, and save the model alone as a Hugging Face directory.", e);
            }

            throw new ModelFormatException(
                Name, $"is no ML.NET zip with a model of this project: {e.Message} For weights in a Hugging Face directory, name the "
                    + $"directory that holds {ModelFiles.Config}.", e);
        }
    }

    // ML.NET and this library unpack what they load into the temporary directory.
    private IOException NotUnpacked(Exception cause) => new(
        $"{Name}: could not be unpacked: {cause.Message} A zip is unpacked into the temporary directory '{Path.GetTempPath()}'; free "
            + $"space there, or name another directory in {ZipGuard.Variable}.", cause)
    {
        HResult = cause.HResult,
    };

    private T WithHint<T>(Func<T> fetch)
    {
        try
        {
            return fetch();
        }
        catch (HubException e)
        {
            throw new HubException(Name, $"is no directory or file here, and the hub does not give it: {e.Message}", e.StatusCode, e);
        }
    }
}
