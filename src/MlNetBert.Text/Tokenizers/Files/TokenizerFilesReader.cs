using System.Globalization;
using System.Text;
using MlNetBert.HuggingFace;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>
/// Puts a tokenizer together from its files: tokenizer.json where there is one, else vocab.txt and tokenizer_config.json.
/// </summary>
internal sealed class TokenizerFilesReader(Func<string, Stream?> open, string source,
    TokenizerPrecedence precedence = TokenizerPrecedence.Refuse)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public SubwordTokenizer Read(InvalidTextHandling? invalidText)
    {
        JsonPart? configuration =
            ReadBytes(TokenizerFileNames.Configuration) is { } bytes ? JsonPart.Parse(bytes, Name(TokenizerFileNames.Configuration)) : null;
        JsonPart? map = ReadBytes(TokenizerFileNames.SpecialTokensMap) is { } mapBytes
            ? JsonPart.Parse(mapBytes, Name(TokenizerFileNames.SpecialTokensMap))
            : null;
        TokenizerDescription said = configuration is { } part ? ConfigurationReader.Read(part, map)
            : map is { } alone ? ConfigurationReader.Read(alone, map) with { Kept = KeptSections.None }
            : new TokenizerDescription();
        TokenizerVocabulary? lines = ReadBytes(TokenizerFileNames.Vocabulary) is { } vocabulary
            ? TokenizerVocabulary.OfLines(ParseVocabulary(vocabulary, Name(TokenizerFileNames.Vocabulary)),
                Name(TokenizerFileNames.Vocabulary))
            : null;

        if (ReadBytes(TokenizerFileNames.Tokenizer) is { } json)
        {
            string file = Name(TokenizerFileNames.Tokenizer);
            TokenizerDescription tokenizer = TokenizerJsonReader.Read(json, file);
            tokenizer = Settle(tokenizer, said);
            if (lines is not null && precedence != TokenizerPrecedence.TokenizerJson)
                RequireSameVocabulary(tokenizer.Vocabulary!, lines);
            tokenizer = tokenizer with
            {
                ModelMaxLength = said.ModelMaxLength,
                Kept = tokenizer.Kept with { Configuration = said.Kept.Configuration },
            };
            return Make(WithAddedTokens(tokenizer, said, configuration), said, invalidText, file);
        }

        if (lines is null)
            throw new TokenizerFormatException(source,
                $"a tokenizer needs {TokenizerFileNames.Tokenizer} or {TokenizerFileNames.Vocabulary}, but neither is there. Check the "
                    + "directory, or save the tokenizer again.");
        if (configuration is { } kinds)
            ConfigurationReader.RequireBert(kinds);
        return Make(WithAddedTokens(said with { Vocabulary = lines }, said, configuration), said, invalidText,
            Name(TokenizerFileNames.Vocabulary));
    }

    /// <summary>
    /// The lines of vocab.txt, which end as Python's do: with CR, LF or both. The last line may end or not; an empty line behind a line
    /// that ended is none.
    /// </summary>
    public static string[] ParseVocabulary(byte[] bytes, string file)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
        }
        catch (ArgumentException exception)
        {
            throw new TokenizerFormatException(file, $"the vocabulary must be UTF-8, but is not: {exception.Message} Save it as UTF-8.",
                exception);
        }

        if (text.Length == 0)
            throw new TokenizerFormatException(file, "a vocabulary has one piece a line, but the file is empty. Get the file anew.");
        string[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    private static SubwordTokenizer Make(TokenizerDescription tokenizer, TokenizerDescription said, InvalidTextHandling? invalidText,
        string file)
    {
        var defaults = new WordPieceTokenizerOptions();
        string? InVocabulary(string? token) => token is not null && tokenizer.Vocabulary!.TryGetId(token, out _) ? token : null;

        // Where no file names a role's token, it is BERT's; a tokenizer.json may do without it.
        string? Usual(string role, string token) =>
            said.VacantRoles.Contains(role) ? null : tokenizer.Template is null ? token : InVocabulary(token);
        var options = new WordPieceTokenizerOptions
        {
            LowerCase = tokenizer.LowerCase ?? defaults.LowerCase,
            StripAccents = tokenizer.StripAccents,
            ComposeAccents = tokenizer.ComposeAccents,
            CleanText = tokenizer.CleanText ?? defaults.CleanText,
            HandleChineseCharacters = tokenizer.HandleChineseCharacters ?? defaults.HandleChineseCharacters,
            UnknownToken = tokenizer.UnknownToken ?? Usual("unk_token", defaults.UnknownToken!),
            ClassificationToken = tokenizer.ClassificationToken ?? Usual("cls_token", defaults.ClassificationToken!),
            SeparatorToken = tokenizer.SeparatorToken ?? Usual("sep_token", defaults.SeparatorToken!),
            PaddingToken = said.PaddingToken ?? Usual("pad_token", defaults.PaddingToken!),
            MaskToken = said.MaskToken ?? Usual("mask_token", defaults.MaskToken!),
            BeginningOfTextToken = InVocabulary(said.BeginningOfTextToken),
            EndOfTextToken = InVocabulary(said.EndOfTextToken),
            ContinuingPrefix = tokenizer.ContinuingPrefix ?? defaults.ContinuingPrefix,
            MaxWordLength = tokenizer.MaxWordLength ?? defaults.MaxWordLength,
            ModelMaxLength = tokenizer.ModelMaxLength,
            CleanUpPieces = tokenizer.CleanUpPieces ?? defaults.CleanUpPieces,
            InvalidText = invalidText ?? said.InvalidText ?? defaults.InvalidText,
            AddedTokens = tokenizer.AddedTokens,
        };
        try
        {
            return new BertWordPieceTokenizer(tokenizer.Vocabulary!, options, file, tokenizer.Template, tokenizer.Kept);
        }
        catch (InvalidOptionsException exception)
        {
            throw new TokenizerFormatException(file, exception.Message, exception);
        }
    }

    /// <summary>
    /// The tokenizer with the added tokens that only the older files name: tokenizer_config.json, or else added_tokens.json, and the
    /// special tokens that are named. One of a list that has no id yet gets the next one, as in transformers; one with a role, such as
    /// [MASK], must be there.
    /// </summary>
    private TokenizerDescription WithAddedTokens(TokenizerDescription tokenizer, TokenizerDescription said, JsonPart? configuration)
    {
        TokenizerVocabulary vocabulary = tokenizer.Vocabulary!;
        var tokens = new AddedTokenList(vocabulary);
        FoundToken[] older = configuration is { } part
            && ConfigurationReader.AddedTokens(part) is { } decoder
                ? [.. Settle(tokenizer.AddedTokens, decoder)]
                : ReadBytes(TokenizerFileNames.AddedTokens) is { } legacy
                    ? [.. ConfigurationReader.LegacyAddedTokens(JsonPart.Parse(legacy, Name(TokenizerFileNames.AddedTokens)), said)]
                    : [];
        if (precedence == TokenizerPrecedence.TokenizerConfig)
            tokens.Add(older);
        tokens.Add(tokenizer.AddedTokens.Select(token => new FoundToken(token, null, default)));
        tokens.Add(older);
        tokens.Add(said.NamedTokens.Where(named => vocabulary.TryGetId(named.Token.Content, out _) || !named.HasRole));
        return tokenizer with { AddedTokens = tokens.Tokens };
    }

    /// <summary>
    /// The tokens of added_tokens_decoder that count: those that tokenizer.json has with other flags as the precedence is.
    /// </summary>
    private IEnumerable<FoundToken> Settle(IReadOnlyList<AddedToken> tokens, IEnumerable<FoundToken> decoder)
    {
        var known = tokens.ToDictionary(token => token.Content, StringComparer.Ordinal);
        foreach (FoundToken found in decoder)
        {
            if (known.TryGetValue(found.Token.Content, out AddedToken? other) && precedence == TokenizerPrecedence.TokenizerJson)
                continue;
            if (other is not null && other != found.Token && precedence == TokenizerPrecedence.Refuse)
                throw Contradiction(TokenizerFileNames.Configuration,
                    $"the flags of '{found.Token.Content}' in 'added_tokens_decoder' are not those in {TokenizerFileNames.Tokenizer}");
            yield return found;
        }
    }

    /// <summary>What tokenizer.json says; where tokenizer_config.json contradicts it, what the file says that has precedence.</summary>
    private TokenizerDescription Settle(TokenizerDescription tokenizer, TokenizerDescription said)
    {
        T Decide<T>(T inTokenizer, T inConfiguration, string key, string other, bool differ) =>
            !differ || precedence == TokenizerPrecedence.TokenizerJson ? inTokenizer
            : precedence == TokenizerPrecedence.TokenizerConfig ? inConfiguration
            : throw Contradiction(
                TokenizerFileNames.Configuration,
                $"'{key}' is {Shown(inConfiguration)}, but {TokenizerFileNames.Tokenizer} says {other} {Shown(inTokenizer)}");
        T Pick<T>(T inTokenizer, T inConfiguration, string key, string other) => Decide(
            inTokenizer, inConfiguration, key, other, inTokenizer is not null && inConfiguration is not null
                && !EqualityComparer<T>.Default.Equals(inTokenizer, inConfiguration));

        string? classification = Pick(tokenizer.ClassificationToken, said.ClassificationToken, "cls_token", "post_processor");
        string? separator = Pick(tokenizer.SeparatorToken, said.SeparatorToken, "sep_token", "post_processor");
        int? IdOf(string? token) => token is not null && tokenizer.Vocabulary!.TryGetId(token, out int id) ? id : null;
        bool? lowerCase = Pick(tokenizer.LowerCase, said.LowerCase, "do_lower_case", "normalizer.lowercase");
        // null is what case is: equal cases were told of above.
        bool stripsDiffer = tokenizer.EffectiveStripAccents is { } strips && said.EffectiveStripAccents is { } saidStrips
            && strips != saidStrips;
        return tokenizer with
        {
            LowerCase = lowerCase,
            StripAccents = Decide(tokenizer.StripAccents, said.StripAccents, "strip_accents", "normalizer.strip_accents", stripsDiffer),
            HandleChineseCharacters = Pick(tokenizer.HandleChineseCharacters, said.HandleChineseCharacters, "tokenize_chinese_chars",
                "normalizer.handle_chinese_chars"),
            UnknownToken = Pick(tokenizer.UnknownToken, said.UnknownToken, "unk_token", "model.unk_token") ?? said.UnknownToken,
            ClassificationToken = classification ?? said.ClassificationToken,
            SeparatorToken = separator ?? said.SeparatorToken,
            Template = tokenizer.Template!
                .Replace(IdOf(tokenizer.ClassificationToken), IdOf(classification), opening: true)
                .Replace(IdOf(tokenizer.SeparatorToken), IdOf(separator), opening: false),
        };
    }

    /// <summary>
    /// Requires that every line stands for the piece with its number, and that none is missing; a line that does not count may stand for an
    /// id without a piece.
    /// </summary>
    private void RequireSameVocabulary(TokenizerVocabulary vocabulary, TokenizerVocabulary lines)
    {
        int count = Math.Max(vocabulary.ModelCount, lines.Count);
        for (int id = 0; id < count; id++)
        {
            string? line = id < lines.Count && lines.Has(id) ? lines.Pieces[id] : null;
            string? piece = id < vocabulary.Count && vocabulary.Has(id) ? vocabulary.Pieces[id] : null;
            if (string.Equals(line, piece, StringComparison.Ordinal) || (line is null or "" && (piece is null || !vocabulary.IsSpelt(id))))
                continue;
            throw Contradiction(TokenizerFileNames.Vocabulary, string.Create(
                CultureInfo.InvariantCulture, $"line {id + 1} is {(line is null ? "nothing" : Shown(line))}, but "
                    + $"{TokenizerFileNames.Tokenizer} has {(piece is null ? "nothing" : Shown(piece))} with that id, {id}"));
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
        Name(file), $"{fault}. Remove the file that is wrong, or correct it, or say which one decides "
            + $"(PretrainedModelOptions.TokenizerPrecedence{(file == TokenizerFileNames.Vocabulary ? " = TokenizerJson" : "")}).");

    private string Name(string file) => File.Exists(source) ? source : Path.Combine(source, file);

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
