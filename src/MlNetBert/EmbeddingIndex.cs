using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Embeddings;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <summary>
/// Finds the rows whose vectors are nearest to a query by cosine: exactly, every row is compared. The rows are read once; the vectors lie
/// in one array, scaled to length 1 (4 bytes × rows × dimension). Immutable and thread-safe.
/// </summary>
public sealed class EmbeddingIndex : IDisposable
{
    private readonly MLContext _ml;
    private readonly IDataView _rows;
    private readonly float[] _vectors; // [rows × dimension]
    private readonly RowMarks _marks;
    private readonly TextEmbeddingTransformer? _embedding;
    private readonly TextEmbedder? _embedder;

    private EmbeddingIndex(
        MLContext ml, IDataView rows, float[] vectors, int count, int dimension, RowMarks marks, TextEmbeddingTransformer? embedding)
    {
        _ml = ml;
        _rows = rows;
        _vectors = vectors;
        _marks = marks;
        Count = count;
        Dimension = dimension;
        _embedding = embedding;
        _embedder = embedding is null ? null : new TextEmbedder(embedding.Model, embedding.Settings, embedding.Place);
    }

    /// <summary>How many rows there are.</summary>
    public int Count { get; }

    /// <summary>Values of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Builds an index over vectors that are there already, as <c>EmbedText</c> gives them.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="rows">The rows; they are read now, and again by <see cref="GetRows"/>.</param>
    /// <param name="featureColumnName">The column of vectors: float32, known size.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The index.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    /// <exception cref="InvalidDataException">There is no row, or a vector holds a value that is no finite number.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static EmbeddingIndex BuildFromVectors(
        MLContext mlContext, IDataView rows, string featureColumnName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(rows);
        var column = Columns.FindVector(rows.Schema, featureColumnName, nameof(featureColumnName));
        return Build(mlContext, rows, rows, column, embedding: null, cancellationToken);
    }

    /// <summary>Builds an index over texts, which it embeds; it then takes texts as queries too.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="rows">The rows; they are read now, and again by <see cref="GetRows"/>.</param>
    /// <param name="textColumnName">The column of texts.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How to pool; null for the model's own way, else the mean.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The index; it shares the model until it is disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it does not hold text.</exception>
    /// <exception cref="InvalidDataException">There is no row, or a vector holds a value that is no finite number.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static EmbeddingIndex BuildFromText(MLContext mlContext, IDataView rows, string textColumnName, PretrainedModel model,
        EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(rows);
        const string Vectors = "MlNetBert.Vector"; // hides no column of the rows
        Columns.FindText(rows.Schema, textColumnName, nameof(textColumnName));
        var embedding = mlContext.Transforms.Text.EmbedText(Vectors, textColumnName, model, options).Fit(rows);
        try
        {
            embedding.CancellationToken = cancellationToken;
            var embedded = embedding.Transform(rows);
            var index = Build(mlContext, rows, embedded, embedded.Schema[Vectors], embedding, cancellationToken);
            embedding.CancellationToken = default;
            return index;
        }
        catch
        {
            embedding.Dispose();
            throw;
        }
    }

    /// <summary>The rows nearest to a vector, best first; of equal ones, the first.</summary>
    /// <param name="query">The vector.</param>
    /// <param name="topK">How many at most, at least 1.</param>
    /// <returns>The rows; all of them where there are no more than <paramref name="topK"/>.</returns>
    /// <exception cref="ArgumentException">The vector has another dimension than the rows', or a value that is no finite
    /// number.</exception>
    public IReadOnlyList<NearestRow> Search(ReadOnlySpan<float> query, int topK)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        if (query.Length != Dimension)
            throw new ArgumentException(
                $"The query must have the rows' {Dimension} values, but has {query.Length}. Embed it with the same model.", nameof(query));
        var unit = query.ToArray();
        if (!EmbeddingVectors.TryScale(unit, out var fault))
            throw new ArgumentException($"The query must hold finite numbers, but value {fault} is {query[fault]}.", nameof(query));
        var best = new PriorityQueue<NearestRow, (float Score, long Before)>();
        for (var row = 0; row < Count; row++)
        {
            var score = TensorPrimitives.Dot(_vectors.AsSpan(row * Dimension, Dimension), unit);
            if (best.Count < topK)
                best.Enqueue(new NearestRow(row, score), (score, -row));
            else if (score > best.Peek().Score)
                best.EnqueueDequeue(new NearestRow(row, score), (score, -row));
        }

        var found = new NearestRow[best.Count];
        for (var i = found.Length - 1; i >= 0; i--)
            found[i] = best.Dequeue();
        return found;
    }

    /// <summary>The rows nearest to a text, best first.</summary>
    /// <param name="text">The text; it is embedded as the rows were.</param>
    /// <param name="topK">How many at most, at least 1.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="InvalidOperationException">The index was built over vectors and knows no model.</exception>
    public IReadOnlyList<NearestRow> Search(string text, int topK)
    {
        ArgumentNullException.ThrowIfNull(text);
        var embedder = _embedder ?? throw new InvalidOperationException(
            "The index was built over vectors, so it cannot embed a text. Build it over the text column with a model, or embed the "
                + "query and give its vector.");
        return Search(embedder.Embed([text])[0], topK);
    }

    /// <summary>Reads the data of rows that were found: streams over the rows once, up to the last of them.</summary>
    /// <typeparam name="TRow">A class with the columns to read.</typeparam>
    /// <param name="found">What <c>Search</c> gave.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <returns>The rows, in the order of <paramref name="found"/>.</returns>
    /// <exception cref="InvalidOperationException">
    /// The rows are not those that the index was built over: they can be read once only, come in another order each time, or were changed.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public IReadOnlyList<TRow> GetRows<TRow>(IReadOnlyList<NearestRow> found, CancellationToken cancellationToken = default)
        where TRow : class, new()
    {
        ArgumentNullException.ThrowIfNull(found);
        if (found.Count == 0)
            return [];
        var wanted = found.Select(f => f.Row).ToHashSet();
        var read = new Dictionary<long, TRow>();
        var marked = RowMarks.ColumnsOf(_rows.Schema).Select(c => c.Index).ToHashSet();
        var typed = TypedCursorable<TRow>.Create(_ml, _rows, ignoreMissingColumns: true, schemaDefinition: null);
        using var cursor = typed.GetCursor(marked.Contains);
        var mark = RowMarks.Reader(cursor);
        while (read.Count < wanted.Count && cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!wanted.Contains(cursor.Position))
                continue;
            if (!_marks.IsSame(cursor.Position, mark()))
                throw Changed(cursor.Position, "another one");
            var row = new TRow();
            cursor.FillValues(row);
            read.Add(cursor.Position, row);
        }

        return [.. found.Select(f => read.TryGetValue(f.Row, out var row) ? row : throw Changed(f.Row, "none"))];
    }

    /// <summary>Gives the model back, where the index has one.</summary>
    public void Dispose() => _embedding?.Dispose();

    private static InvalidOperationException Changed(long row, string found) => new(
        FormattableString.Invariant($"Row {row} (from 0): expected the row that the index was built over, found {found} at this reading. ")
        + "Rows that can be read once, or in another order each time, must be in a list before the index is built "
            + "(CreateEnumerable(…).ToList()).");

    private static EmbeddingIndex Build(MLContext ml, IDataView rows, IDataView embedded, DataViewSchema.Column column,
        TextEmbeddingTransformer? embedding, CancellationToken cancellationToken)
    {
        var (vectors, count, marks) = EmbeddingVectors.Read(embedded, column, cancellationToken);
        return new EmbeddingIndex(ml, rows, vectors, count, ((VectorDataViewType)column.Type).Size, marks, embedding);
    }
}
