using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Mapping;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.WordPiece;

namespace MlNetBert.Tokenization;

/// <summary>Learns a WordPiece vocabulary from a text column, or takes one, and gives the transformer that tokenizes with it.</summary>
public sealed class WordPieceTokenizingEstimator : IEstimator<WordPieceTokenizingTransformer>
{
    private readonly IHost _host;
    private readonly string _output;
    private readonly string _input;
    private readonly WordPieceOptions? _options;
    private readonly WordPieceTokenizer? _tokenizer;

    internal WordPieceTokenizingEstimator(IHostEnvironment environment, string output, string? input, WordPieceOptions options)
        : this(environment, output, input)
    {
        options.Validate();
        _options = options;
        if (options.VocabularyFile is { } file)
            _tokenizer = WordPieceTokenizer.FromVocabularyFile(file, TokenizerOptions(options));
    }

    internal WordPieceTokenizingEstimator(IHostEnvironment environment, string output, string? input, WordPieceTokenizer tokenizer)
        : this(environment, output, input) => _tokenizer = tokenizer;

    private WordPieceTokenizingEstimator(IHostEnvironment environment, string output, string? input)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        _host = environment.Register(nameof(WordPieceTokenizingEstimator));
        _output = output;
        _input = input ?? output;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or does not hold text.</exception>
    /// <exception cref="InvalidDataException">The column holds no text to learn from.</exception>
    /// <exception cref="OperationCanceledException">ML.NET's host was cancelled.</exception>
    public WordPieceTokenizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = Columns.FindText(input.Schema, _input, "inputColumnName");
        var tokenizer = _tokenizer ?? Learn(input, column, _options!);
        return new WordPieceTokenizingTransformer(_host, _output, _input, tokenizer);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Columns.RequireText(inputSchema, _input, "inputColumnName");
        return Columns.With(inputSchema, TokenColumn.Promise(_output));
    }

    private static WordPieceTokenizerOptions TokenizerOptions(WordPieceOptions options) =>
        new() { LowerCase = options.LowerCase, StripAccents = options.StripAccents };

    private WordPieceTokenizer Learn(IDataView input, DataViewSchema.Column column, WordPieceOptions options)
    {
        using var channel = _host.Start("Learn a vocabulary");
        var vocabulary = new WordPieceTrainer(new WordPieceTrainerOptions
        {
            VocabularySize = options.VocabularySize,
            MinFrequency = options.MinFrequency,
            AlphabetLimit = options.AlphabetLimit,
            Tokenizer = TokenizerOptions(options),
        }).Train(Texts(input, column));
        channel.Info(MessageSensitivity.None, "Learnt {0} word pieces.", vocabulary.Pieces.Count);
        return vocabulary.Tokenizer;
    }

    private IEnumerable<string> Texts(IDataView input, DataViewSchema.Column column)
    {
        using var cursor = input.GetRowCursor([column]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            _host.CheckAlive();
            getter(ref value);
            yield return value.ToString();
        }
    }
}
