using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Embeddings;
using MlNetBert.Inference;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <summary>Turns a text column into vectors of a pretrained encoder, features for any trainer. Learns nothing from the data.</summary>
public sealed class TextEmbeddingEstimator : IEstimator<TextEmbeddingTransformer>
{
    private readonly IHost _host;
    private readonly string _output;
    private readonly string _input;
    private readonly PretrainedModel _model;
    private readonly EmbeddingSettings _settings;
    private readonly InferenceOptions _inference;
    private readonly IHostEnvironment _root;

    internal TextEmbeddingEstimator(
        IHostEnvironment environment, string output, string? input, PretrainedModel model, EmbeddingOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        _host = environment.Register(nameof(TextEmbeddingEstimator));
        _output = output;
        _input = input ?? output;
        _model = model.RequireWhole("Embedding");
        _settings = EmbeddingSettings.Of(options, model);
        _inference = options.Inference;
        _root = environment;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or does not hold text.</exception>
    public TextEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Columns.FindText(input.Schema, _input, "inputColumnName");
        LoadWarnings.Tell(_host, _model.Shared);
        return new TextEmbeddingTransformer(_root, _output, _input, _model.Share(), _settings, _inference);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Columns.RequireText(inputSchema, _input, "inputColumnName");
        var slotNames =
            new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false);
        return Columns.With(
            inputSchema,
            new SchemaShape.Column(_output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
                new SchemaShape([slotNames])));
    }
}
