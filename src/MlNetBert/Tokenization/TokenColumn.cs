using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.HuggingFace;
using MlNetBert.Interop;
using MlNetBert.Mapping;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Tokenization;

/// <summary>
/// A column of tokens as ML.NET sees it: a vector of keys (raw value = id + 1; raw 0 is padding) whose KeyValues are the vocabulary. Text
/// annotations hold what keys cannot say: the tokenizer, as the files that hold it in a directory and in a saved model, and how to group
/// tokens into blocks.
/// </summary>
internal static class TokenColumn
{
    public const string TokenizerAnnotation = "Tokenizer";
    public const string ConfigurationAnnotation = "TokenizerConfiguration";
    public const string BlocksAnnotation = "TokenBlocks";

    /// <summary>Behind the name of a column of blocks: the column with the numbers of their documents.</summary>
    public const string DocumentSuffix = ".Document";

    /// <summary>The annotation of earlier builds: options alone, which together with the pieces are not the whole tokenizer.</summary>
    private const string EarlierAnnotation = "WordPieceTokenizer";

    /// <summary>Describes a token column; a length of 0 is a vector of any length.</summary>
    public static DataViewSchema.DetachedColumn Describe(string name, SubwordTokenizer tokenizer, BlockOptions? blocks = null,
        int length = 0)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        var pieces = tokenizer.Vocabulary;
        AddKeyValues(annotations, pieces);
        var files = new Lazy<IReadOnlyDictionary<string, byte[]>>(tokenizer.ToFiles);
        annotations.Add(TokenizerAnnotation, TextDataViewType.Instance,
            TextGetter(() => Encoding.UTF8.GetString(files.Value[ModelFiles.Tokenizer])));
        annotations.Add(ConfigurationAnnotation, TextDataViewType.Instance,
            TextGetter(() => Encoding.UTF8.GetString(files.Value[ModelFiles.TokenizerConfig])));
        if (blocks is not null)
            annotations.Add(BlocksAnnotation, TextDataViewType.Instance, TextGetter(() => JsonSerializer.Serialize(blocks)));
        return new DataViewSchema.DetachedColumn(name, VectorType(pieces.Count, length), annotations.ToAnnotations());
    }

    /// <summary>The same column with another way of grouping.</summary>
    public static DataViewSchema.DetachedColumn WithBlocks(string name, DataViewSchema.Column source, BlockOptions blocks)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(source.Annotations, kind => kind != BlocksAnnotation);
        annotations.Add(BlocksAnnotation, TextDataViewType.Instance, TextGetter(() => JsonSerializer.Serialize(blocks)));
        return new DataViewSchema.DetachedColumn(name, source.Type, annotations.ToAnnotations());
    }

    /// <summary>What an estimator promises of a token column before it is fitted.</summary>
    public static SchemaShape.Column Promise(string name) => new(
        name,
        SchemaShape.Column.VectorKind.VariableVector,
        NumberDataViewType.UInt32,
        true,
        new SchemaShape(
        [
            new SchemaShape.Column(AnnotationUtils.Kinds.KeyValues, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false),
            new SchemaShape.Column(TokenizerAnnotation, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
            new SchemaShape.Column(ConfigurationAnnotation, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false),
        ]));

    /// <summary>The promise of <see cref="WithBlocks"/>.</summary>
    public static SchemaShape.Column PromiseBlocks(string name, SchemaShape.Column source)
    {
        var blocks = new SchemaShape.Column(BlocksAnnotation, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, false);
        return new SchemaShape.Column(name, source.Kind, source.ItemType, true, Columns.With(source.Annotations, blocks));
    }

    /// <summary>Finds a token column in a schema.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it does not hold tokens.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role)
    {
        var column = Columns.Find(schema, name, role);
        if (column.Type is not VectorDataViewType { ItemType: KeyDataViewType key } || key.RawType != typeof(uint))
        {
            throw new ArgumentOutOfRangeException(
                role, $"Column '{name}' must hold tokens, a vector of keys over UInt32, but holds {column.Type}. Make it "
                    + "with TokenizeIntoWordPieces.");
        }

        return column;
    }

    /// <summary>The tokenizer a column was made with; null where its annotations do not tell.</summary>
    public static SubwordTokenizer? TokenizerOf(DataViewSchema.Column column)
    {
        var source = $"column '{column.Name}'";
        if (ReadText(column, TokenizerAnnotation) is { } tokenizer && ReadText(column, ConfigurationAnnotation) is { } configuration)
            return TokenizerCache.GetOrRead(Encoding.UTF8.GetBytes(tokenizer), Encoding.UTF8.GetBytes(configuration), source);
        if (ReadText(column, EarlierAnnotation) is not { } options || PiecesOf(column) is not { } pieces)
            return null;
        return TokenizerFiles.Earlier(pieces, JsonSerializer.Deserialize<WordPieceTokenizerOptions>(options)!, source);
    }

    /// <summary>The tokenizer a column was made with.</summary>
    /// <exception cref="ArgumentException">The column's annotations do not tell.</exception>
    public static SubwordTokenizer RequireTokenizer(DataViewSchema.Column column) =>
        TokenizerOf(column) ?? throw NoTokenizer(column.Name);

    /// <summary>Checks that a promised column will tell its vocabulary.</summary>
    /// <exception cref="ArgumentException">Its annotations will not.</exception>
    public static void RequirePromisedTokenizer(SchemaShape.Column column)
    {
        bool Has(string kind) => column.Annotations.TryFindColumn(kind, out _);
        if (!Has(AnnotationUtils.Kinds.KeyValues)
            || (!Has(EarlierAnnotation) && !(Has(TokenizerAnnotation) && Has(ConfigurationAnnotation))))
            throw NoTokenizer(column.Name);
    }

    /// <summary>The vocabulary in a column's KeyValues; null where it has none.</summary>
    public static string[]? PiecesOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)
            is not { Type: VectorDataViewType { ItemType: TextDataViewType } })
            return null;
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.Annotations.GetValue(AnnotationUtils.Kinds.KeyValues, ref values);
        return [.. values.DenseValues().Select(v => v.ToString())];
    }

    /// <summary>How a column says to group; null where it does not.</summary>
    public static BlockOptions? BlocksOf(DataViewSchema.Column column) =>
        ReadText(column, BlocksAnnotation) is { } text ? BlockOptions.FromJson(text) : null;

    /// <summary>The column with the documents of a column of blocks; null where there is none.</summary>
    public static DataViewSchema.Column? DocumentsOf(DataViewSchema schema, DataViewSchema.Column column) =>
        schema.GetColumnOrNull(column.Name + DocumentSuffix) is { } found && found.Type == NumberDataViewType.Int64 ? found : null;

    /// <summary>Reads a row's tokens as ids, padding (raw 0) left out.</summary>
    public static Action<List<int>> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<VBuffer<uint>>(column);
        VBuffer<uint> buffer = default;
        return ids =>
        {
            ids.Clear();
            getter(ref buffer);
            foreach (var raw in buffer.GetValues())
            {
                if (raw > 0)
                    ids.Add((int)raw - 1);
            }
        };
    }

    public static VectorDataViewType VectorType(int vocabularySize, int length = 0)
    {
        var key = new KeyDataViewType(typeof(uint), vocabularySize);
        return length == 0 ? new VectorDataViewType(key) : new VectorDataViewType(key, length);
    }

    private static ArgumentOutOfRangeException NoTokenizer(string column) => new(
        "inputColumnName",
        $"Column '{column}' must tell its vocabulary (the annotations KeyValues, {TokenizerAnnotation} and {ConfigurationAnnotation}), "
            + "but does not. Make it with TokenizeIntoWordPieces; a file saved as text loses annotations, one saved with SaveAsBinary "
            + "keeps them.");

    private static void AddKeyValues(DataViewSchema.Annotations.Builder annotations, IReadOnlyList<string> pieces)
    {
        var values = pieces.Select(p => p.AsMemory()).ToArray();
        annotations.AddKeyValues(pieces.Count, TextDataViewType.Instance, (ref VBuffer<ReadOnlyMemory<char>> destination) =>
        {
            var editor = VBufferEditor.Create(ref destination, values.Length);
            values.CopyTo(editor.Values);
            destination = editor.Commit();
        });
    }

    private static ValueGetter<ReadOnlyMemory<char>> TextGetter(Func<string> text) =>
        (ref ReadOnlyMemory<char> value) => value = text().AsMemory();

    private static string? ReadText(DataViewSchema.Column column, string annotation)
    {
        if (column.Annotations.Schema.GetColumnOrNull(annotation)?.Type is not TextDataViewType)
            return null;
        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(annotation, ref value);
        return value.ToString();
    }
}
