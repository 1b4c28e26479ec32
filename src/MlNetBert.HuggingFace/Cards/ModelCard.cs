namespace MlNetBert.HuggingFace.Cards;

/// <summary>
/// The model card of a directory, README.md: metadata in the hub's format (https://huggingface.co/docs/hub/model-cards) and a page for
/// people. Holds plain data; who trained the model fills it. What is not set is left out.
/// </summary>
internal sealed record ModelCard
{
    /// <summary>The model's name, the page's title.</summary>
    public required string ModelName { get; init; }

    /// <summary>What the model is, in a sentence or a paragraph of Markdown.</summary>
    /// <value>Default: null.</value>
    public string? Summary { get; init; }

    /// <summary>The model that training started from, a hub id or a name.</summary>
    /// <value>Default: null, from scratch.</value>
    public string? BaseModel { get; init; }

    /// <summary>Languages as ISO 639 codes, such as <c>en</c>.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>The license, as the hub names it, such as <c>mit</c>.</summary>
    /// <value>Default: null.</value>
    public string? License { get; init; }

    /// <summary>What the model does, as the hub names it; null leaves it out, and the index of metrics, which wants it.</summary>
    /// <value>Default: <c>fill-mask</c>.</value>
    public string? PipelineTag { get; init; } = "fill-mask";

    /// <summary>The library that opens the directory.</summary>
    /// <value>Default: <c>transformers</c>.</value>
    public string LibraryName { get; init; } = "transformers";

    /// <summary>Further tags.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Ids of data sets on the hub that the model was trained on.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>The name of the data that <see cref="Metrics"/> were measured on.</summary>
    /// <value>Default: null.</value>
    public string? EvaluationData { get; init; }

    /// <summary>Figures on the evaluation data.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ModelCardMetric> Metrics { get; init; } = [];

    /// <summary>What it was trained on: documents, blocks, tokens, ….</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ModelCardEntry> TrainingData { get; init; } = [];

    /// <summary>The options of the run.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ModelCardEntry> TrainingOptions { get; init; } = [];

    /// <summary>Figures of the run: steps, time, tokens a second, ….</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ModelCardEntry> TrainingFigures { get; init; } = [];

    /// <summary>Versions of the libraries.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ModelCardEntry> Versions { get; init; } = [];

    /// <summary>How to use the model: Markdown.</summary>
    /// <value>Default: null.</value>
    public string? Usage { get; init; }

    /// <summary>Renders README.md.</summary>
    /// <returns>Metadata between lines of three dashes, and Markdown; lines end with a line feed.</returns>
    public string Render() => ModelCardRenderer.Render(this);

    /// <summary>Writes README.md into a directory, whole or not at all.</summary>
    /// <param name="directory">The model's directory.</param>
    /// <exception cref="IOException">The file cannot be written; what was there before is whole.</exception>
    public void Save(string directory) => AtomicFile.WriteAllText(Path.Combine(directory, ModelFiles.Card), Render());
}
