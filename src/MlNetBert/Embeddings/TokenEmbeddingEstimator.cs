using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Embeddings;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <summary>Turns a text column into a vector for each token. Learns nothing from the data.</summary>
public sealed class TokenEmbeddingEstimator : IEstimator<TokenEmbeddingTransformer>
{
    private readonly CheckpointEstimator<TokenEmbeddingTransformer> _checkpoint;

    internal TokenEmbeddingEstimator(
        IHostEnvironment environment, string output, string? input, PretrainedModel model, TokenEmbeddingOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        input ??= output;
        var settings = TokenEmbeddingSettings.Of(options, model.RequireWhole("Embedding"));
        _checkpoint = new(environment, model, schema => Promise(schema, output, input),
            shared => new TokenEmbeddingTransformer(environment, output, input, shared, settings, options.Inference));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or does not hold text.</exception>
    public TokenEmbeddingTransformer Fit(IDataView input) => _checkpoint.Fit(input);

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _checkpoint.GetOutputSchema(inputSchema);

    private static SchemaShape Promise(SchemaShape schema, string output, string input)
    {
        Columns.RequireText(schema, input, "inputColumnName");
        SchemaShape.Column Vector(string suffix, DataViewType type) =>
            new(output + suffix, SchemaShape.Column.VectorKind.VariableVector, type, false);
        return Columns.With(schema, [.. TokenEmbeddingTransformer.Outputs.Select(o => Vector(o.Suffix, o.Type))]);
    }
}
