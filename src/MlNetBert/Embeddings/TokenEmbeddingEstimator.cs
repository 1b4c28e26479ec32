using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Embeddings;
using MlNetBert.Inference;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <summary>Turns a text column into a vector for each token. Learns nothing from the data.</summary>
public sealed class TokenEmbeddingEstimator : IEstimator<TokenEmbeddingTransformer>
{
    private readonly IHost _host;
    private readonly string _output;
    private readonly string _input;
    private readonly PretrainedModel _model;
    private readonly TokenEmbeddingSettings _settings;
    private readonly InferenceOptions _inference;
    private readonly IHostEnvironment _root;

    internal TokenEmbeddingEstimator(IHostEnvironment environment, string output, string? input, PretrainedModel model,
        TokenEmbeddingOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        _host = environment.Register(nameof(TokenEmbeddingEstimator));
        _output = output;
        _input = input ?? output;
        _model = model.RequireWhole("Embedding");
        _settings = TokenEmbeddingSettings.Of(options, model);
        _inference = options.Inference;
        _root = environment;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or does not hold text.</exception>
    public TokenEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Columns.FindText(input.Schema, _input, "inputColumnName");
        LoadWarnings.Tell(_host, _model.Shared);
        return new TokenEmbeddingTransformer(_root, _output, _input, _model.Share(), _settings, _inference);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Columns.RequireText(inputSchema, _input, "inputColumnName");
        SchemaShape.Column Vector(string suffix, DataViewType type) =>
            new(_output + suffix, SchemaShape.Column.VectorKind.VariableVector, type, false);
        return Columns.With(
            inputSchema,
            [.. TokenEmbeddingTransformer.Outputs.Select(o => Vector(o.Suffix, o.Type))]);
    }
}
