using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Inference;

namespace MlNetBert;

/// <summary>
/// Uses a pretrained model with its own head, without training: <see cref="Fit"/> reads no row and gives the transformer that training
/// gives.
/// </summary>
/// <typeparam name="TTransformer">The transformer.</typeparam>
public sealed class CheckpointEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : ModelTransformer
{
    private readonly IHost _host;
    private readonly PretrainedModel _model;
    private readonly Func<SchemaShape, SchemaShape> _promise;
    private readonly Func<PretrainedModel, TTransformer> _create;

    internal CheckpointEstimator(IHostEnvironment environment, PretrainedModel model, Func<SchemaShape, SchemaShape> promise,
        Func<PretrainedModel, TTransformer> create)
    {
        _host = environment.Register(typeof(TTransformer).Name);
        _model = model;
        _promise = promise;
        _create = create;
    }

    /// <summary>Makes the transformer, which shares the model's weights.</summary>
    /// <param name="input">Rows with the columns that the transformer reads; no row is read.</param>
    /// <returns>The transformer, without a history.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or holds something else.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed of.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        LoadWarnings.Tell(_host, _model.Shared);
        var model = _model.Share();
        try
        {
            var transformer = _create(model);
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return _promise(inputSchema);
    }
}
