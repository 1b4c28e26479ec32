using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.Unigram;
using MlNetBert.Text.Tokenizers.Normalizers;

namespace MlNetBert;

public partial class SubwordTokenizer
{
    /// <summary>Puts a tokenizer together.</summary>
    /// <param name="pipeline">What of.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="InvalidOptionsException">There is no model, or an id of a special token is not in the vocabulary.</exception>
    /// <exception cref="TokenizerFormatException">The vocabulary has an id twice, or a piece that is not valid Unicode.</exception>
    [Experimental("MLNETBERT001")]
    public static SubwordTokenizer Create(TokenizerPipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return Create(pipeline, nameof(TokenizerPipeline));
    }

    /// <summary>Makes a WordPiece tokenizer of a vocabulary.</summary>
    /// <param name="vocabulary">The pieces, in the order of their ids; as in transformers the last of equal ones counts, and an empty one
    /// only takes an id.</param>
    /// <param name="options">How text is treated; as bert-base-uncased by default.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="TokenizerFormatException">A piece holds a line break or is not valid Unicode, or a special token is
    /// missing.</exception>
    public static SubwordTokenizer FromVocabulary(IEnumerable<string> vocabulary, WordPieceTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return OfLines(vocabulary, options, "vocabulary");
    }

    /// <summary>
    /// Reads the vocabulary file of a WordPiece tokenizer as transformers does: UTF-8, one piece a line, the first line id 0; of equal
    /// lines the last counts, and a blank line takes an id.
    /// </summary>
    /// <param name="path">The file, such as vocab.txt.</param>
    /// <param name="options">How text is treated; as bert-base-uncased by default.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="TokenizerFormatException">The file is no vocabulary, or lacks a special token.</exception>
    /// <exception cref="InvalidOptionsException">An option cannot be.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SubwordTokenizer FromVocabularyFile(string path, WordPieceTokenizerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return OfLines(VocabularyLines.OfVocabulary(File.ReadAllBytes(path), path), options, path);
    }

    /// <summary>Reads a tokenizer.json alone, with its settings; what only other files could say is as in bert-base-uncased.</summary>
    /// <param name="path">The file.</param>
    /// <param name="invalidText">What is done with texts that are not valid UTF-16.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="TokenizerFormatException">The file is malformed or asks for what is not supported; the message names the
    /// key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SubwordTokenizer FromTokenizerFile(string path, InvalidTextHandling invalidText = InvalidTextHandling.Throw)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return FromFiles(
            name => string.Equals(name, ModelFiles.Tokenizer, StringComparison.Ordinal) ? File.OpenRead(path) : null,
            path,
            invalidText);
    }

    /// <summary>
    /// Reads a Hugging Face directory: tokenizer.json where there is one, else vocab.txt with tokenizer_config.json. Files that contradict
    /// each other are refused unless it is said which one wins, as is anything that would make this tokenizer differ from theirs.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="invalidText">What is done with texts that are not valid UTF-16; null for what the tokenizer was saved with, and to
    /// refuse them where it was saved elsewhere.</param>
    /// <param name="precedence">Which file decides where two contradict each other.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="TokenizerFormatException">A file is missing, malformed, contradicts another or asks for what is not supported; the
    /// message names file and key.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SubwordTokenizer FromDirectory(
        string directory, InvalidTextHandling? invalidText = null, TokenizerPrecedence precedence = TokenizerPrecedence.Throw)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"There is no directory {directory}. Check the path.");
        return FromFiles(
            name =>
            {
                string path = Path.Combine(directory, name);
                if (ModelFileGuard.FaultOf(directory, name) is { } fault)
                    throw new TokenizerFormatException(path, fault);
                return File.Exists(path) ? File.OpenRead(path) : null;
            },
            directory,
            invalidText,
            precedence);
    }

    /// <summary>Reads the files of a Hugging Face directory from anywhere, such as a zip.</summary>
    /// <param name="open">Opens a file of the directory by its name, or gives <see langword="null"/> where there is none; the stream is
    /// disposed of here.</param>
    /// <param name="source">What to call the directory in messages.</param>
    /// <param name="invalidText">What is done with texts that are not valid UTF-16; null for what the tokenizer was saved with, and to
    /// refuse them where it was saved elsewhere.</param>
    /// <param name="precedence">Which file decides where two contradict each other.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="TokenizerFormatException">A file is missing, malformed, contradicts another or asks for what is not supported; the
    /// message names file and key.</exception>
    public static SubwordTokenizer FromFiles(
        Func<string, Stream?> open, string source, InvalidTextHandling? invalidText =
            null, TokenizerPrecedence precedence = TokenizerPrecedence.Throw)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentException.ThrowIfNullOrEmpty(source);
        return new TokenizerFilesReader(open, source, precedence).Read(invalidText);
    }

    /// <summary>The same tokenizer but for what a saved model or a caller may want otherwise. Ids stay as they are.</summary>
    /// <param name="maxLength">The longest sequence the model takes, in tokens; null for this one's own.</param>
    /// <param name="invalidText">What is done with texts that are not valid UTF-16; null for this one's own.</param>
    /// <returns>The tokenizer; all else, members of its files that have no meaning here among it, is as in this one.</returns>
    /// <exception cref="InvalidOptionsException">A value cannot be.</exception>
    public SubwordTokenizer With(int? maxLength = null, InvalidTextHandling? invalidText = null) => Create(
        Pipeline with { MaxLength = maxLength ?? MaxLength, InvalidText = invalidText ?? InvalidText, Vocabulary = _vocabulary },
        "vocabulary");

    /// <summary>The same tokenizer with special tokens above its pieces, the next ids in their order; those that it has are left
    /// out.</summary>
    internal SubwordTokenizer WithAddedTokens(IEnumerable<string> contents)
    {
        TokenizerVocabulary vocabulary = _vocabulary.Copy();
        var missing = contents.Where(content => !vocabulary.TryGetId(content, out _));
        AddedToken[] added = [.. missing.Select(content => new AddedToken(content))];
        foreach (AddedToken token in added)
            vocabulary.Add(token.Content, vocabulary.Count, spelt: false);
        return Create(
            Pipeline with { AddedTokens = [.. Pipeline.AddedTokens, .. added], Vocabulary = vocabulary }, "vocabulary");
    }

    /// <summary>The same tokenizer for a model with fewer embeddings than there are pieces, which refuses texts with others.</summary>
    internal SubwordTokenizer WithEmbeddings(int count) =>
        Create(Pipeline with { EmbeddedCount = count, Vocabulary = _vocabulary }, "vocabulary");

    /// <summary>
    /// The same tokenizer with a <see cref="LowercaseNormalizer"/> before its own normalizer, where that holds none: what
    /// <c>do_lower_case</c> of sentence-transformers asks for. Added tokens are sought in the text as it is written, as before.
    /// </summary>
    internal SubwordTokenizer LowerCased()
    {
        IReadOnlyList<TextNormalizer> parts = Pipeline.Normalizer switch
        {
            null => [],
            SequenceNormalizer sequence => sequence.Normalizers,
            var only => [only],
        };
        return parts.Any(part => part is LowercaseNormalizer) ? this : Create(
            Pipeline with { Normalizer = new SequenceNormalizer([new LowercaseNormalizer(), .. parts]), Vocabulary = _vocabulary },
            "vocabulary");
    }

    /// <summary>Writes tokenizer.json and the older files beside it, as transformers does; files of these names are replaced.</summary>
    /// <param name="directory">The directory; it is made where there is none.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Save(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        foreach ((string name, byte[] bytes) in ToFiles())
            AtomicFile.WriteAllBytes(Path.Combine(directory, name), bytes);
    }

    /// <summary>What <see cref="Save"/> writes: tokenizer.json, tokenizer_config.json, special_tokens_map.json, and what else transformers
    /// writes for the model, such as vocab.txt.</summary>
    /// <returns>The files: a content per file name.</returns>
    public IReadOnlyDictionary<string, byte[]> ToFiles() => TokenizerFilesWriter.Write(this);

    /// <summary>Puts a tokenizer together of what was found in a file.</summary>
    /// <param name="pipeline">What of.</param>
    /// <param name="source">What to call the file in messages.</param>
    internal static SubwordTokenizer Create(TokenizerPipeline pipeline, string source)
    {
        pipeline.Validate();
        TokenizerVocabulary vocabulary = pipeline.FindVocabulary(source);
        pipeline.RequirePieces(vocabulary);
        string? unknown = pipeline.SpecialTokens.UnknownTokenId is { } id ? vocabulary.Pieces[id] : null;
        pipeline = pipeline with { Model = pipeline.Model!.WithUnknownToken(unknown, vocabulary) };
        return pipeline.Model switch
        {
            BytePairModel => new BytePairTokenizer(pipeline, vocabulary, source),
            UnigramModel => new UnigramTokenizer(pipeline, vocabulary, source),
            _ when BertWordPieceTokenizer.Serves(pipeline) => new BertWordPieceTokenizer(pipeline, vocabulary, source),
            _ => new SubwordTokenizer(pipeline, vocabulary, source),
        };
    }

    private static SubwordTokenizer OfLines(IEnumerable<string> lines, WordPieceTokenizerOptions? options, string source)
    {
        options ??= new();
        TokenizerPipeline pipeline = options.ToPipeline(TokenizerVocabulary.OfLines(lines, source));
        return Create(pipeline.WithRoles(options.TokensByRole, source, asBert: true), source);
    }
}
