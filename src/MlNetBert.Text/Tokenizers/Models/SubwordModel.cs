using System.Collections.Immutable;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Models.WordPiece;

namespace MlNetBert.Text.Tokenizers.Models;

/// <summary>
/// How words are spelled with the pieces of a vocabulary: the <c>model</c> of tokenizer.json, such as WordPiece. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// What <see cref="Write"/> writes is all that a model is: files hold it, and tokenizers with the same have the same
/// <see cref="SubwordTokenizer.Fingerprint"/>.
/// </remarks>
[Experimental("MLNETBERT001")]
public abstract class SubwordModel
{
    private static ImmutableDictionary<string, Func<JsonPart, SubwordModel>> Readers =
        ImmutableDictionary.Create<string, Func<JsonPart, SubwordModel>>(StringComparer.Ordinal)
            .Add(BytePairModel.Name, BytePairModel.Read)
            .Add(UnigramModel.Name, UnigramModel.Read)
            .Add(WordPieceModel.Name, WordPieceModel.Read);

    /// <summary>The name of the algorithm, the <c>model.type</c> of tokenizer.json.</summary>
    public abstract string Type { get; }

    /// <summary>The pieces that words are spelled with, each with its id, from 0; an id may have none. Always the same.</summary>
    public abstract IEnumerable<KeyValuePair<string, int>> Vocabulary { get; }

    /// <summary>The piece for what cannot be spelled, the <c>unk_token</c> of the section.</summary>
    /// <value><see langword="null"/> by default: none.</value>
    public virtual string? UnknownToken => null;

    /// <summary>
    /// Whether the unknown token is the model's own, whatever tokenizer_config.json calls so, and is recognized in texts only where it is
    /// an added token.
    /// </summary>
    internal virtual bool HasOwnUnknownToken => false;

    /// <summary>
    /// Adds a kind of model: from then on a tokenizer.json with this <c>model.type</c> is read, in directories, run directories and ML.NET
    /// zips. A process does it before it opens one. Thread-safe.
    /// </summary>
    /// <param name="type">The name of the algorithm, as <see cref="Type"/>.</param>
    /// <param name="read">Reads the <c>model</c> section.</param>
    /// <exception cref="ArgumentException">There is one of the same name.</exception>
    public static void Register(string type, Func<JsonPart, SubwordModel> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(read);
        if (!ImmutableInterlocked.TryAdd(ref Readers, type, read))
            throw new ArgumentException($"There is a model type '{type}' already.", nameof(type));
    }

    /// <summary>Spells a word.</summary>
    /// <param name="word">The word, normalized; not empty.</param>
    /// <param name="pieces">Takes its pieces, after those it holds. Their lengths are the word's together.</param>
    /// <exception cref="InvalidOperationException">The word cannot be spelled, and there is no unknown token.</exception>
    public abstract void Spell(ReadOnlySpan<char> word, List<Subword> pieces);

    /// <summary>
    /// Whether it spells a word of several marks of blanks as if it were cut wherever a mark stands behind any other character.
    /// </summary>
    /// <param name="mark">The mark.</param>
    internal virtual bool SpellsApartBefore(char mark) => false;

    /// <summary>Whether a piece is marked as one that continues a word, as "##s" is.</summary>
    /// <param name="piece">A piece of the vocabulary.</param>
    /// <returns>Whether it is; false by default.</returns>
    public virtual bool ContinuesWord(string piece) => false;

    /// <summary>Whether a piece continues the word of the piece before it, where that one tells, too.</summary>
    /// <param name="piece">A piece of the vocabulary.</param>
    /// <param name="previous">The piece before it; empty where an added token or nothing stands there.</param>
    /// <returns>Whether it does; by default what the piece alone tells.</returns>
    public virtual bool ContinuesWord(string piece, string previous) => ContinuesWord(piece);

    /// <summary>The same, where it is known whether the pieces are written in the characters of bytes.</summary>
    internal virtual bool ContinuesWord(string piece, string previous, bool isByteLevel) => ContinuesWord(piece, previous);

    /// <summary>A piece without what marks it as the beginning or the continuation of a word.</summary>
    /// <param name="piece">A piece of the vocabulary.</param>
    /// <returns>The text; the piece itself by default.</returns>
    public virtual string WithoutMark(string piece) => piece;

    /// <summary>Writes the members of the <c>model</c> section behind its type.</summary>
    /// <param name="writer">Takes them.</param>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>The files that are written beside tokenizer.json for readers who do not know that.</summary>
    /// <returns>A content per file name; none by default.</returns>
    public virtual IReadOnlyDictionary<string, byte[]> ToFiles() => ImmutableDictionary<string, byte[]>.Empty;

    /// <summary>
    /// The same, where it is known what is done to texts before and behind the model: none that would say something else.
    /// </summary>
    internal virtual IReadOnlyDictionary<string, byte[]> ToFiles(TokenizerPipeline pipeline) => ToFiles();

    /// <summary>Reads the section of a registered model; older ones have no type and are known by their members.</summary>
    internal static SubwordModel Read(JsonPart part)
    {
        JsonPart type = part.Optional("type");
        string name = type.IsNull ? NameByMembers(part) : type.GetString();
        return Readers.TryGetValue(name, out Func<JsonPart, SubwordModel>? read)
            ? read(part)
            : throw type.Fail($"{(type.IsNull ? "is missing, and by its members the model is" : "is")} {name}, but the kinds of "
                + "models that are known are "
                + $"{string.Join(", ", Readers.Keys.Order(StringComparer.Ordinal))}; a program adds another one by "
                + "SubwordModel.Register before it opens it");
    }

    /// <summary>What a section without a type is, as Hugging Face's tokenizers find it (ModelUntagged in their models/mod.rs).</summary>
    private static string NameByMembers(JsonPart part)
    {
        if (!part.Optional("merges").IsNull)
            return BytePairModel.Name;
        if (part.Optional("vocab").Element.ValueKind == JsonValueKind.Array)
            return UnigramModel.Name;
        return part.Optional("continuing_subword_prefix").IsNull || part.Optional("max_input_chars_per_word").IsNull
            ? "WordLevel"
            : WordPieceModel.Name;
    }

    /// <summary>The model with another unknown token, where it can have one.</summary>
    /// <param name="token">The token; null for none.</param>
    /// <param name="vocabulary">All pieces, those of added tokens too.</param>
    internal virtual SubwordModel WithUnknownToken(string? token, TokenizerVocabulary vocabulary) => this;

    /// <summary>Writes an object with an id for each piece, in the order of the ids.</summary>
    private protected static void WriteIds(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, int>> vocabulary)
    {
        writer.WriteStartObject();
        foreach ((string piece, int id) in vocabulary.OrderBy(entry => entry.Value))
            writer.WriteNumber(piece, id);
        writer.WriteEndObject();
    }

    /// <summary>Writes ids by pieces, as most models have their <c>vocab</c>.</summary>
    /// <param name="writer">Takes the object.</param>
    /// <param name="vocabulary">The pieces with their ids.</param>
    protected static void WriteVocabulary(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, int>> vocabulary)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(vocabulary);
        writer.WritePropertyName("vocab");
        WriteIds(writer, vocabulary);
    }
}
