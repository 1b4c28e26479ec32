using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert;
using MlNetBert.Pretraining;

namespace Stranger.TokenReversal;

/// <summary>Pretrains by token reversal on the blocks of a token column, and gives the transformer that embeds texts with the model.</summary>
/// <param name="ml">The context.</param>
/// <param name="outputColumnName">The column of vectors.</param>
/// <param name="inputColumnName">The token column.</param>
/// <param name="textColumnName">The column that the transformer reads.</param>
/// <param name="options">How to train.</param>
internal sealed class TokenReversalEstimator(MLContext ml, string outputColumnName, string inputColumnName, string textColumnName, TokenReversalOptions options)
    : PretrainingEstimator<TextEmbeddingTransformer>(ml, outputColumnName, inputColumnName, options)
{
    protected override IEnumerable<SchemaShape.Column> Outputs => [NewColumn(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, 1))];

    protected override TextEmbeddingTransformer CreateTransformer(PretrainingResult result, IDataView input)
    {
        using var model = result.Model;
        return ml.Transforms.Text.EmbedText(OutputColumnName, textColumnName, model).Fit(input);
    }
}
