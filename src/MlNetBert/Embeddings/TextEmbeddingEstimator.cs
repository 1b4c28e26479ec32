using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Embeddings;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <summary>Turns a text column into vectors of a pretrained encoder, features for any trainer. Learns nothing from the data.</summary>
public sealed class TextEmbeddingEstimator : IEstimator<TextEmbeddingTransformer>
{
    private readonly CheckpointEstimator<TextEmbeddingTransformer> _checkpoint;

    internal TextEmbeddingEstimator(
        IHostEnvironment environment, string output, string? input, PretrainedModel model, EmbeddingOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        input ??= output;
        var settings = EmbeddingSettings.Of(options, model.RequireWhole("Embedding"));
        _checkpoint = new(environment, model, schema => Promise(schema, output, input),
            shared => new TextEmbeddingTransformer(environment, output, input, shared, settings, options.Inference));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or does not hold text.</exception>
    public TextEmbeddingTransformer Fit(IDataView input) => _checkpoint.Fit(input);

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _checkpoint.GetOutputSchema(inputSchema);

    private static SchemaShape Promise(SchemaShape schema, string output, string input)
    {
        Columns.RequireText(schema, input, "inputColumnName");
        var slotNames =
            new SchemaShape.Column(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false);
        return Columns.With(
            schema,
            new SchemaShape.Column(output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false,
                new SchemaShape([slotNames])));
    }
}
