using System.Globalization;
using System.Text;
using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>Puts a tokenizer together from its files: tokenizer.json where there is one, else vocab.txt and tokenizer_config.json.</summary>
internal sealed class TokenizerFilesReader(Func<string, Stream?> open, string source, TokenizerPrecedence precedence = TokenizerPrecedence.Refuse)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public WordPieceTokenizer Read(InvalidTextHandling? invalidText)
    {
        JsonPart? configuration = ReadBytes(TokenizerFileNames.Configuration) is { } bytes ? JsonPart.Parse(bytes, Name(TokenizerFileNames.Configuration)) : null;
        JsonPart? map = ReadBytes(TokenizerFileNames.SpecialTokensMap) is { } mapBytes ? JsonPart.Parse(mapBytes, Name(TokenizerFileNames.SpecialTokensMap)) : null;
        TokenizerDescription said = configuration is { } part ? ConfigurationReader.Read(part, map)
            : map is { } alone ? ConfigurationReader.Read(alone, map) with { Kept = KeptSections.None }
            : new TokenizerDescription();
        string[]? lines = ReadBytes(TokenizerFileNames.Vocabulary) is { } vocabulary ? ParseVocabulary(vocabulary, Name(TokenizerFileNames.Vocabulary)) : null;

        if (ReadBytes(TokenizerFileNames.Tokenizer) is { } json)
        {
            string file = Name(TokenizerFileNames.Tokenizer);
            TokenizerDescription tokenizer = TokenizerJsonReader.Read(json, file);
            tokenizer = Settle(tokenizer, said);
            RequireSameVocabulary(tokenizer, lines);
            return Make(tokenizer with { ModelMaxLength = said.ModelMaxLength, Kept = tokenizer.Kept with { Configuration = said.Kept.Configuration } }, said, invalidText, file);
        }

        if (lines is null)
            throw new TokenizerFormatException(source, $"a tokenizer needs {TokenizerFileNames.Tokenizer} or {TokenizerFileNames.Vocabulary}, but neither is there. Check the directory, or save the tokenizer again.");
        if (configuration is { } kinds)
            ConfigurationReader.RequireBert(kinds);
        return Make(WithAddedTokens(said with { Vocabulary = lines, ModelSize = lines.Length }, configuration), said, invalidText, Name(TokenizerFileNames.Vocabulary));
    }

    /// <summary>The lines of vocab.txt; the last line may end or not.</summary>
    public static string[] ParseVocabulary(byte[] bytes, string file)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
        }
        catch (ArgumentException exception)
        {
            throw new TokenizerFormatException(file, $"the vocabulary must be UTF-8, but is not: {exception.Message} Save it as UTF-8.", exception);
        }

        if (text.Length == 0)
            throw new TokenizerFormatException(file, "a vocabulary has one piece a line, but the file is empty. Get the file anew.");
        string[] lines = text.Split('\n');
        if (lines[^1].Length == 0)
            lines = lines[..^1];
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].EndsWith('\r'))
                lines[i] = lines[i][..^1];
        }

        return lines;
    }

    private static WordPieceTokenizer Make(TokenizerDescription tokenizer, TokenizerDescription said, InvalidTextHandling? invalidText, string file)
    {
        var defaults = new WordPieceTokenizerOptions();
        var options = new WordPieceTokenizerOptions
        {
            LowerCase = tokenizer.LowerCase ?? defaults.LowerCase,
            StripAccents = tokenizer.StripAccents,
            ComposeAccents = tokenizer.ComposeAccents,
            CleanText = tokenizer.CleanText ?? defaults.CleanText,
            HandleChineseCharacters = tokenizer.HandleChineseCharacters ?? defaults.HandleChineseCharacters,
            UnknownToken = tokenizer.UnknownToken ?? defaults.UnknownToken,
            ClassificationToken = tokenizer.ClassificationToken ?? defaults.ClassificationToken,
            SeparatorToken = tokenizer.SeparatorToken ?? defaults.SeparatorToken,
            PaddingToken = said.PaddingToken ?? defaults.PaddingToken,
            MaskToken = said.MaskToken ?? defaults.MaskToken,
            ContinuingPrefix = tokenizer.ContinuingPrefix ?? defaults.ContinuingPrefix,
            MaxWordLength = tokenizer.MaxWordLength ?? defaults.MaxWordLength,
            ModelMaxLength = tokenizer.ModelMaxLength,
            CleanUpPieces = tokenizer.CleanUpPieces ?? defaults.CleanUpPieces,
            InvalidText = invalidText ?? said.InvalidText ?? defaults.InvalidText,
            AddedTokens = tokenizer.AddedTokens,
        };
        try
        {
            return new WordPieceTokenizer(tokenizer.Vocabulary!, options, file, tokenizer.ModelSize, tokenizer.Kept);
        }
        catch (InvalidOptionsException exception)
        {
            throw new TokenizerFormatException(file, exception.Message, exception);
        }
    }

    private TokenizerDescription WithAddedTokens(TokenizerDescription description, JsonPart? configuration)
    {
        var vocabulary = new List<string>(description.Vocabulary!);
        var tokens = new List<AddedToken>();
        if (configuration is { } part)
        {
            foreach ((int id, AddedToken token, JsonPart item) in ConfigurationReader.AddedTokens(part).OrderBy(entry => entry.Id))
            {
                if (id == vocabulary.Count)
                    vocabulary.Add(token.Content);
                else if (id > vocabulary.Count || !string.Equals(vocabulary[id], token.Content, StringComparison.Ordinal))
                    throw item.Fail(string.Create(CultureInfo.InvariantCulture, $"is '{token.Content}', but {TokenizerFileNames.Vocabulary} has {(id < vocabulary.Count ? $"'{vocabulary[id]}'" : "no piece")} with that id"));
                tokens.Add(token);
            }
        }

        if (tokens.Count == 0 && ReadBytes(TokenizerFileNames.AddedTokens) is not null)
            throw new TokenizerFormatException(Name(TokenizerFileNames.AddedTokens), $"tokens outside the vocabulary are supported in {TokenizerFileNames.Tokenizer} only. Save the tokenizer again with a newer version of transformers.");
        return description with { Vocabulary = vocabulary, AddedTokens = tokens };
    }

    /// <summary>What tokenizer.json says; where tokenizer_config.json contradicts it, what the file says that has precedence.</summary>
    private TokenizerDescription Settle(TokenizerDescription tokenizer, TokenizerDescription said)
    {
        T Decide<T>(T inTokenizer, T inConfiguration, string key, string other, bool differ) => !differ || precedence == TokenizerPrecedence.TokenizerJson ? inTokenizer
            : precedence == TokenizerPrecedence.TokenizerConfig ? inConfiguration
            : throw Contradiction(
                TokenizerFileNames.Configuration, $"'{key}' is {Shown(inConfiguration)}, but {TokenizerFileNames.Tokenizer} says {other} {Shown(inTokenizer)}");
        T Pick<T>(T inTokenizer, T inConfiguration, string key, string other) => Decide(
            inTokenizer, inConfiguration, key, other, inTokenizer is not null && inConfiguration is not null && !EqualityComparer<T>.Default.Equals(inTokenizer, inConfiguration));

        bool? lowerCase = Pick(tokenizer.LowerCase, said.LowerCase, "do_lower_case", "normalizer.lowercase");
        // null is what case is: equal cases were told of above.
        bool stripsDiffer = tokenizer.EffectiveStripAccents is { } strips && said.EffectiveStripAccents is { } saidStrips && strips != saidStrips;
        return tokenizer with
        {
            LowerCase = lowerCase,
            StripAccents = Decide(tokenizer.StripAccents, said.StripAccents, "strip_accents", "normalizer.strip_accents", stripsDiffer),
            HandleChineseCharacters = Pick(tokenizer.HandleChineseCharacters, said.HandleChineseCharacters, "tokenize_chinese_chars", "normalizer.handle_chinese_chars"),
            UnknownToken = Pick(tokenizer.UnknownToken, said.UnknownToken, "unk_token", "model.unk_token"),
            ClassificationToken = Pick(tokenizer.ClassificationToken, said.ClassificationToken, "cls_token", "post_processor"),
            SeparatorToken = Pick(tokenizer.SeparatorToken, said.SeparatorToken, "sep_token", "post_processor"),
        };
    }

    private void RequireSameVocabulary(TokenizerDescription tokenizer, string[]? lines)
    {
        if (lines is null || precedence == TokenizerPrecedence.TokenizerJson)
            return;
        IReadOnlyList<string> vocabulary = tokenizer.Vocabulary!;
        int differs = 0;
        while (differs < lines.Length && differs < vocabulary.Count && string.Equals(lines[differs], vocabulary[differs], StringComparison.Ordinal))
            differs++;
        if (differs < tokenizer.ModelSize || differs < lines.Length)
        {
            string Piece(IReadOnlyList<string> pieces) => differs < pieces.Count ? $"'{pieces[differs]}'" : "nothing";
            throw Contradiction(TokenizerFileNames.Vocabulary, string.Create(
                CultureInfo.InvariantCulture,
                $"line {differs + 1} is {Piece(lines)}, but {TokenizerFileNames.Tokenizer} has {Piece(vocabulary)} with that id"));
        }
    }

    /// <summary>A value as its file has it.</summary>
    private static string Shown<T>(T value) => value switch
    {
        null => "null",
        true => "true",
        false => "false",
        _ => $"'{value}'",
    };

    private TokenizerFormatException Contradiction(string file, string fault) => new(
        Name(file), $"{fault}. Remove the file that is wrong, or correct it, or say which one decides (PretrainedModelOptions.TokenizerPrecedence{(file == TokenizerFileNames.Vocabulary ? " = TokenizerJson" : "")}).");

    private string Name(string file) => Path.Combine(source, file);

    private byte[]? ReadBytes(string name)
    {
        using Stream? stream = open(name);
        if (stream is null)
            return null;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
