using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Mapping;
using MlNetBert.Tokenization;

namespace MlNetBert;

/// <summary>
/// Says how a token column is to be grouped into blocks. Rows pass through unchanged, so that it can stand anywhere in a chain;
/// <c>PretrainMlm</c> groups when it is fitted. <c>mlContext.Data.GroupTokenBlocks</c> gives the blocks themselves.
/// </summary>
public sealed class TokenBlockGroupingEstimator : IEstimator<TokenBlockGroupingTransformer>
{
    private readonly IHost _host;
    private readonly string _output;
    private readonly string _input;
    private readonly BlockOptions _blocks;

    internal TokenBlockGroupingEstimator(IHostEnvironment environment, string output, string? input, BlockOptions blocks)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        blocks.Validate();
        _host = environment.Register(nameof(TokenBlockGroupingEstimator));
        _output = output;
        _input = input ?? output;
        _blocks = blocks;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or does not hold tokens.</exception>
    public TokenBlockGroupingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = TokenColumn.Find(input.Schema, _input, "inputColumnName");
        if (TokenColumn.TokenizerOf(column) is { } tokenizer)
            _blocks.Validate(tokenizer);
        return new TokenBlockGroupingTransformer(_host, _output, _input, _blocks);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var tokens = Columns.RequireTokens(inputSchema, _input, "inputColumnName");
        return Columns.With(inputSchema, TokenColumn.PromiseBlocks(_output, tokens));
    }
}
