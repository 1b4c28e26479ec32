using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Tokenization;

namespace MlNetBert;

/// <summary>Learns a vocabulary from a text column, or takes one, and gives the transformer that tokenizes with it.</summary>
public sealed class SubwordTokenizingEstimator : IEstimator<SubwordTokenizingTransformer>
{
    private readonly IHost _host;
    private readonly string _output;
    private readonly string _input;
    private readonly SubwordTokenizingOptions? _options;
    private readonly SubwordTokenizer? _tokenizer;

    internal SubwordTokenizingEstimator(IHostEnvironment environment, string output, string? input, SubwordTokenizingOptions options)
        : this(environment, output, input)
    {
        options.Validate();
        _options = options;
        if (options.VocabularyFile is { } file)
            _tokenizer = options.OpenVocabulary(file);
    }

    internal SubwordTokenizingEstimator(IHostEnvironment environment, string output, string? input, SubwordTokenizer tokenizer)
        : this(environment, output, input) => _tokenizer = tokenizer;

    private SubwordTokenizingEstimator(IHostEnvironment environment, string output, string? input)
    {
        ArgumentException.ThrowIfNullOrEmpty(output, "outputColumnName");
        _host = environment.Register(nameof(SubwordTokenizingEstimator));
        _output = output;
        _input = input ?? output;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or does not hold text.</exception>
    /// <exception cref="InvalidDataException">The column holds no word to learn from.</exception>
    /// <exception cref="InvalidTextException">A text is not valid UTF-16, and the options refuse that.</exception>
    /// <exception cref="OperationCanceledException">ML.NET's host was cancelled.</exception>
    public SubwordTokenizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = Columns.FindText(input.Schema, _input, "inputColumnName");
        if (_options?.VocabularyFile is not null)
            TellUnreachable(_tokenizer!);
        var tokenizer = _tokenizer ?? Learn(input, column, _options!);
        return new SubwordTokenizingTransformer(_host, _output, _input, tokenizer);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Columns.RequireText(inputSchema, _input, "inputColumnName");
        return Columns.With(inputSchema, TokenColumn.Promise(_output));
    }

    private SubwordTokenizer Learn(IDataView input, DataViewSchema.Column column, SubwordTokenizingOptions options)
    {
        using var channel = _host.Start("Learn a vocabulary");
        var trainer = options.CreateTrainer();
        try
        {
            var vocabulary = trainer.Train(Texts(input, column, options.InvalidText));
            channel.Info(MessageSensitivity.None, "Learned {0} pieces.", vocabulary.Pieces.Count);
            channel.Warn(vocabulary.Notes);
            return vocabulary.Tokenizer;
        }
        catch (ArgumentException e) when (e.ParamName == "texts")
        {
            throw new InvalidDataException(
                $"Column '{_input}' must hold words to learn a vocabulary from. {MessageOf(e)} An existing vocabulary can be taken "
                    + $"instead ({options.Name}.VocabularyFile).", e);
        }
    }

    /// <summary>The message without the name of the parameter, which is not the caller's.</summary>
    private static string MessageOf(ArgumentException exception) =>
        exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);

    private void TellUnreachable(SubwordTokenizer tokenizer)
    {
        if (UnreachablePieces.Of(tokenizer).Warning(_options?.NameOfCase) is not { } warning)
            return;
        using var channel = _host.Start("Take a vocabulary");
        channel.Warning(MessageSensitivity.None, "{0}", warning);
    }

    private IEnumerable<string> Texts(IDataView input, DataViewSchema.Column column, InvalidTextHandling handling)
    {
        using var cursor = input.GetRowCursor([column]);
        var read = TextColumn.Reader(cursor, column, handling);
        while (cursor.MoveNext())
        {
            _host.CheckAlive();
            yield return read().ToString();
        }
    }
}
