using Microsoft.ML;

namespace MlNetBert;

/// <summary>The text transforms that this library adds to <c>mlContext.Transforms.Text</c>.</summary>
public static partial class LanguageModelTextCatalog
{
    /// <summary>
    /// Turns text into word pieces, with a vocabulary of at most 8,000 lower-cased pieces that is learnt in <c>Fit</c> (Wu et al. 2016;
    /// Devlin et al. 2019).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column: a vector of keys of any length, raw value = id + 1, the vocabulary as
    /// KeyValues.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <returns>The estimator.</returns>
    public static SubwordTokenizingEstimator TokenizeIntoWordPieces(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null) =>
        catalog.TokenizeIntoWordPieces(outputColumnName, inputColumnName, new WordPieceTokenizingOptions());

    /// <summary>Turns text into word pieces, with a vocabulary that is learnt in <c>Fit</c> or read from a file.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column: a vector of keys of any length, raw value = id + 1, the vocabulary as
    /// KeyValues.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="options">How to learn.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="TokenizerFormatException">The vocabulary file lacks a special token, or holds a piece
    /// twice.</exception>
    public static SubwordTokenizingEstimator TokenizeIntoWordPieces(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, WordPieceTokenizingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return catalog.TokenizeIntoSubwords(outputColumnName, inputColumnName, options.ToSubwords());
    }

    /// <summary>Turns text into word pieces with a given tokenizer, such as a pretrained model's.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <returns>The estimator.</returns>
    public static SubwordTokenizingEstimator TokenizeIntoWordPieces(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, SubwordTokenizer tokenizer) =>
        catalog.TokenizeIntoSubwords(outputColumnName, inputColumnName, tokenizer);

    /// <summary>Turns text into word pieces with a pretrained model's tokenizer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="model">The model whose tokenizer to take.</param>
    /// <returns>The estimator.</returns>
    public static SubwordTokenizingEstimator TokenizeIntoWordPieces(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model) =>
        catalog.TokenizeIntoSubwords(outputColumnName, inputColumnName, model);

    /// <summary>Turns text into the pieces of a vocabulary of any kind, which is learned in <c>Fit</c> or read from a file.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column: a vector of keys of any length, raw value = id + 1, the vocabulary as
    /// KeyValues.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="options">What to learn, and how.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="TokenizerFormatException">The vocabulary file is malformed, or asks for what is not supported.</exception>
    public static SubwordTokenizingEstimator TokenizeIntoSubwords(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, SubwordTokenizingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SubwordTokenizingEstimator(Environment(catalog), outputColumnName, inputColumnName, options);
    }

    /// <summary>Turns text into pieces with a given tokenizer of any kind, such as a pretrained model's.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <returns>The estimator.</returns>
    public static SubwordTokenizingEstimator TokenizeIntoSubwords(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, SubwordTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new SubwordTokenizingEstimator(Environment(catalog), outputColumnName, inputColumnName, tokenizer);
    }

    /// <summary>Turns text into pieces with a pretrained model's tokenizer, of whatever kind.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="model">The model whose tokenizer to take.</param>
    /// <returns>The estimator.</returns>
    public static SubwordTokenizingEstimator TokenizeIntoSubwords(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return catalog.TokenizeIntoSubwords(outputColumnName, inputColumnName, model.Tokenizer);
    }

    /// <summary>
    /// Sets how <c>PretrainMlm</c> groups a token column into blocks. It groups nothing itself: rows pass through unchanged, with the
    /// setting as an annotation of their column, and <c>PretrainMlm</c> groups them in <c>Fit</c>.
    /// <see cref="LanguageModelDataCatalog.GroupTokenBlocks(DataOperationsCatalog, IDataView, string, BlockOptions)"/> gives the blocks
    /// themselves.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column with the setting.</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="blockLength">Tokens of a block, special tokens included.</param>
    /// <param name="packing">How documents are joined.</param>
    /// <param name="remainder">What becomes of the tokens at the end that fill no block; null for the default, which drops them.
    /// <see cref="BlockPacking.OneDocumentPerBlock"/> keeps them, and refuses to drop them.</param>
    /// <param name="skipEmptyDocuments">Whether rows without a token are left out; otherwise they give [CLS] [SEP].</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static TokenBlockGroupingEstimator GroupTokenBlocks(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string? inputColumnName = null,
        int blockLength = 128,
        BlockPacking packing = BlockPacking.ConcatenateDocuments,
        RemainderHandling? remainder = null,
        bool skipEmptyDocuments = true) =>
        catalog.GroupTokenBlocks(outputColumnName, inputColumnName, new BlockOptions
        {
            BlockLength = blockLength,
            Packing = packing,
            Remainder = remainder,
            SkipEmptyDocuments = skipEmptyDocuments,
        });

    /// <summary>
    /// Sets how <c>PretrainMlm</c> groups a token column into blocks. It groups nothing itself: rows pass through unchanged, with the
    /// setting as an annotation of their column, and <c>PretrainMlm</c> groups them in <c>Fit</c>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The token column with the setting.</param>
    /// <param name="inputColumnName">The token column; null for the output's name.</param>
    /// <param name="options">How to group.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static TokenBlockGroupingEstimator GroupTokenBlocks(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, BlockOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new TokenBlockGroupingEstimator(Environment(catalog), outputColumnName, inputColumnName, options);
    }

    /// <summary>Turns text into vectors of a pretrained encoder: features for any trainer (Reimers and Gurevych 2019).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column: float32, known size, with slot names.</param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How to pool; null for the model's own way, else the mean.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static TextEmbeddingEstimator EmbedText(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        EmbeddingOptions? options =
            null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new TextEmbeddingEstimator(
            Environment(catalog), outputColumnName, inputColumnName, model, options ?? new EmbeddingOptions());
    }

    /// <summary>
    /// Turns text into a vector for each of its tokens, of the encoder's last layer: the same word in two contexts has two vectors (Peters
    /// et al. 2018; Devlin et al. 2019).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">
    /// Prefix of the columns that the transformer adds, each with an entry a token, [CLS] and [SEP] left out: NAME.Token (vector of text),
    /// NAME.Vector (vector of float32, the tokens' vectors one after the other, [tokens × hidden]), NAME.Start and NAME.End (vectors of
    /// int: where the token begins and ends in the text, in UTF-16 units). <see cref="TokenEmbeddingPrediction"/> has them for "Embedding".
    /// </param>
    /// <param name="inputColumnName">The text column; null for the output's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">What is a token; null for a vector a piece.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static TokenEmbeddingEstimator EmbedTokens(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, PretrainedModel model,
        TokenEmbeddingOptions? options =
            null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new TokenEmbeddingEstimator(Environment(catalog), outputColumnName, inputColumnName, model,
            options ?? new TokenEmbeddingOptions());
    }

    /// <summary>Turns text into vectors of a pretrained encoder, in the column of the text.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The text column, and the output's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How to pool; null for the model's own way, else the mean.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static TextEmbeddingEstimator EmbedText(
        this TransformsCatalog.TextTransforms catalog, string columnName, PretrainedModel model, EmbeddingOptions? options = null) =>
        catalog.EmbedText(columnName, inputColumnName: null, model, options);

    /// <summary>Turns text into a vector for each of its tokens, in columns below the name of the text's.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="columnName">The text column, and the output's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">What is a token; null for a vector per piece.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static TokenEmbeddingEstimator EmbedTokens(
        this TransformsCatalog.TextTransforms catalog, string columnName, PretrainedModel model, TokenEmbeddingOptions? options = null) =>
        catalog.EmbedTokens(columnName, inputColumnName: null, model, options);

    private static Microsoft.ML.Runtime.IHostEnvironment Environment(TransformsCatalog.TextTransforms catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Microsoft.ML.Data.CatalogUtils.GetEnvironment(catalog);
    }
}
