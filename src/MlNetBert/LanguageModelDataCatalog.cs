using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Blocks;
using MlNetBert.Pretraining;
using MlNetBert.Text.Corpora;

namespace MlNetBert;

/// <summary>The data operations that this library adds to <c>mlContext.Data</c>.</summary>
public static class LanguageModelDataCatalog
{
    /// <summary>
    /// Groups tokens into blocks, a row each, to look at, to save, or to fit <c>PretrainMlm</c> on: a column of vectors of
    /// <paramref name="blockLength"/> keys, raw 0 behind a block's last token; and with <see cref="BlockPacking.OneDocumentPerBlock"/> a
    /// column NAME.Document (Int64) with the number of the block's document, from 0.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">Rows with a token column; they are read while the blocks are.</param>
    /// <param name="columnName">The token column.</param>
    /// <param name="blockLength">Tokens of a block, special tokens included.</param>
    /// <param name="packing">How documents are joined.</param>
    /// <param name="remainder">What becomes of the tokens at the end that fill no block; null for the default, which drops them.
    /// <see cref="BlockPacking.OneDocumentPerBlock"/> keeps them, and refuses to drop them.</param>
    /// <param name="skipEmptyDocuments">Whether rows without a token are left out.</param>
    /// <returns>The blocks.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it does not hold tokens with their vocabulary.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static IDataView GroupTokenBlocks(
        this DataOperationsCatalog catalog,
        IDataView data,
        string columnName,
        int blockLength = 128,
        BlockPacking packing = BlockPacking.ConcatenateDocuments,
        RemainderHandling? remainder = null,
        bool skipEmptyDocuments = true) =>
        catalog.GroupTokenBlocks(data, columnName, new BlockOptions
        {
            BlockLength = blockLength,
            Packing = packing,
            Remainder = remainder,
            SkipEmptyDocuments = skipEmptyDocuments,
        });

    /// <summary>
    /// Groups tokens into blocks, a row each: a column of vectors of <see cref="BlockOptions.BlockLength"/> keys, raw 0 behind a block's
    /// last token; and with <see cref="BlockPacking.OneDocumentPerBlock"/> a column NAME.Document (Int64) with the number of the block's
    /// document.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">Rows with a token column; they are read while the blocks are.</param>
    /// <param name="columnName">The token column.</param>
    /// <param name="options">How to group.</param>
    /// <returns>The blocks.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it does not hold tokens with their vocabulary.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    public static IDataView GroupTokenBlocks(
        this DataOperationsCatalog catalog, IDataView data, string columnName, BlockOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentNullException.ThrowIfNull(options);
        return new TokenBlocksDataView(CatalogUtils.GetEnvironment(catalog), data, columnName, options);
    }

    /// <summary>
    /// Shows what a model will see, before an hour is spent on training it: the first blocks with their targets masked, replaced and kept,
    /// exactly as pretraining with these options corrupts them in its first epoch.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">Rows with a token column, grouped as its annotation says (<c>GroupTokenBlocks</c>), or rows that are
    /// blocks.</param>
    /// <param name="columnName">The token column.</param>
    /// <param name="maxBlocks">How many blocks to show at most, at least 1.</param>
    /// <param name="options">The options of the training, which say by their type what is trained for; null for the defaults of
    /// <see cref="MlmOptions"/>. The seed, the objective's own and <see cref="PretrainingOptions.EvaluationFraction"/> matter here.</param>
    /// <returns>The blocks, to print or to look at row by row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it does not hold tokens with their vocabulary.</exception>
    /// <exception cref="InvalidDataException">The rows give no block.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="NotSupportedException">The objective has no corruption.</exception>
    public static CorruptionPreview PreviewCorruption(
        this DataOperationsCatalog catalog, IDataView data, string columnName, int maxBlocks = 3, PretrainingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBlocks, 1);
        return CorruptionPreviewer.Preview(
            CatalogUtils.GetEnvironment(catalog), data, columnName, maxBlocks, options ?? PretrainingTask.Default.CreateOptions());
    }

    /// <summary>A plain text file, a line a row, in a column «Text». Unlike TextLoader it does not split at tabs or read quotes.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file: UTF-8, or in the encoding that its byte-order mark says.</param>
    /// <param name="encoding">The encoding of a file without a byte-order mark, such as <c>windows-1252</c>; null is UTF-8.</param>
    /// <param name="invalidUtf8">What is done with bytes that are no text: refused while rows are read, or replaced by U+FFFD, which the
    /// log tells.</param>
    /// <returns>The rows, read anew by each cursor.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CorpusException">It is no file: a directory, pipe, socket or device.</exception>
    /// <exception cref="InvalidOptionsException">There is no such encoding.</exception>
    public static IDataView LoadFromTextLines(
        this DataOperationsCatalog catalog, string path, string? encoding =
            null, InvalidUtf8Handling invalidUtf8 = InvalidUtf8Handling.Throw)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Path.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}' to load lines from.", path);
        var environment = CatalogUtils.GetEnvironment(catalog);
        InOwnWords(() => TextLines.Read(path, encoding, invalidUtf8)); // what is invalid is reported now, not when rows are read
        return catalog.LoadFromEnumerable(Lines(environment, path, encoding, invalidUtf8));
    }

    // Opens the file when rows are read, not before.
    private static IEnumerable<TextLine> Lines(IHostEnvironment environment, string path, string? encoding, InvalidUtf8Handling invalidUtf8)
    {
        var statistics = new CorpusStatistics();
        using var lines = TextLines.Read(path, encoding, invalidUtf8, statistics).GetEnumerator();
        while (InOwnWords(lines.MoveNext))
            yield return new TextLine { Text = lines.Current };
        if (statistics.InvalidSequences == 0)
            yield break;
        using var channel = environment.Register(nameof(LoadFromTextLines)).Start("Read");
        channel.Warning(MessageSensitivity.None, "{0}: {1}", path, statistics.Notes[0]);
    }

    /// <summary>Reads; where that fails, the message names this method's parameters, not the options of a corpus.</summary>
    private static T InOwnWords<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CorpusException exception)
        {
            var fault = exception.Fault
                .Replace($"{nameof(CorpusOptions)}.{nameof(CorpusOptions.Encoding)}", "encoding", StringComparison.Ordinal)
                .Replace($"{nameof(CorpusOptions)}.{nameof(CorpusOptions.InvalidUtf8)} = ",
                    $"invalidUtf8 to {nameof(InvalidUtf8Handling)}.", StringComparison.Ordinal);
            throw new CorpusException(exception.FilePath, exception.Line, fault, exception.InnerException);
        }
    }
}
