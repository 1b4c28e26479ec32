using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Blocks;
using MlNetBert.Text.Blocks;

namespace MlNetBert;

/// <summary>The data operations that this library adds to <c>mlContext.Data</c>.</summary>
public static class DataOperations
{
    /// <summary>Groups tokens into blocks: rows of one column, a vector of <paramref name="blockLength"/> keys (raw 0 is padding), to look at, to save, or to fit <c>PretrainMlm</c> on.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">Rows with a token column; they are read while the blocks are.</param>
    /// <param name="columnName">The token column.</param>
    /// <param name="blockLength">Tokens of a block, [CLS] and [SEP] included.</param>
    /// <param name="join">How documents are joined.</param>
    /// <param name="remainder">What becomes of the tokens at the end that fill no block.</param>
    /// <param name="skipEmptyDocuments">Whether rows without a token are left out.</param>
    /// <returns>The blocks.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it does not hold tokens.</exception>
    /// <exception cref="ArgumentException">The column does not tell its vocabulary.</exception>
    /// <exception cref="MlNetBert.HuggingFace.InvalidOptionsException">An option cannot be.</exception>
    public static IDataView GroupTokenBlocks(
        this DataOperationsCatalog catalog,
        IDataView data,
        string columnName,
        int blockLength = 128,
        DocumentJoin join = DocumentJoin.WrapDocuments,
        RemainderHandling remainder = RemainderHandling.Drop,
        bool skipEmptyDocuments = true)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(columnName);
        var blocks = new BlockOptions { BlockLength = blockLength, Join = join, Remainder = remainder, SkipEmptyDocuments = skipEmptyDocuments };
        return new TokenBlocksDataView(CatalogUtils.GetEnvironment(catalog), data, columnName, blocks);
    }

    /// <summary>A plain text file, a line a row, in a column «Text». Unlike TextLoader it does not split at tabs or read quotes.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">The file, UTF-8.</param>
    /// <returns>The rows, read anew by each cursor.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IDataView LoadFromTextLines(this DataOperationsCatalog catalog, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}' to load lines from.", path);
        return catalog.LoadFromEnumerable(File.ReadLines(path).Select(line => new TextLine { Text = line }));
    }
}
