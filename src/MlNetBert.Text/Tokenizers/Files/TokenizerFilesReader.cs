using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers.Files.BytePair;
using MlNetBert.Text.Tokenizers.Files.SentencePiece;
using MlNetBert.Text.Tokenizers.Models.BytePair;
using MlNetBert.Text.Tokenizers.Models.WordPiece;
using MlNetBert.Text.Tokenizers.Normalizers;
using MlNetBert.Text.Tokenizers.PreTokenizers;

namespace MlNetBert.Text.Tokenizers.Files;

/// <summary>
/// Puts a tokenizer together from its files: tokenizer.json where there is one, else vocab.txt, a model of SentencePiece, or vocab.json
/// with merges.txt, and tokenizer_config.json.
/// </summary>
internal sealed class TokenizerFilesReader(Func<string, Stream?> open, string source,
    TokenizerPrecedence precedence = TokenizerPrecedence.Throw)
{
    public SubwordTokenizer Read(InvalidTextHandling? invalidText)
    {
        JsonPart? configuration = ReadJson(ModelFiles.TokenizerConfig);
        JsonPart? map = ReadJson(ModelFiles.SpecialTokensMap);
        TokenizerConfiguration said = configuration is { } part ? ConfigurationReader.Read(part, map)
            : map is { } alone ? ConfigurationReader.Read(alone, map) with { Others = KeptSections.None.Configuration }
            : new TokenizerConfiguration();
        TokenizerVocabulary? lines = ReadBytes(ModelFiles.Vocabulary) is { } vocabulary
            ? TokenizerVocabulary.OfLines(VocabularyLines.OfVocabulary(vocabulary, Name(ModelFiles.Vocabulary)),
                Name(ModelFiles.Vocabulary))
            : null;

        TokenizerPipeline pipeline;
        var names = new string?[SpecialTokens.Keys.Count];
        string file = Name(ModelFiles.Tokenizer);
        bool isWhole = false;
        if (ReadBytes(ModelFiles.Tokenizer) is { } json)
        {
            isWhole = true;
            pipeline = Settle(TokenizerJsonReader.Read(json, file), said, names);
            if (lines is not null && precedence != TokenizerPrecedence.TokenizerJson)
                RequireSameVocabulary(pipeline.Vocabulary!, lines);
            if (pipeline.Model is BytePairModel model && precedence != TokenizerPrecedence.TokenizerJson)
                RequireSameMerges(model, pipeline.Vocabulary!);
        }
        else if (lines is null && ReadSentencePiece(configuration, ref said) is (var found, var name))
        {
            isWhole = true;
            file = name;
            pipeline = Settle(found, said, names);
        }
        else if (lines is null && ReadJson(ModelFiles.PieceIds) is { } pieces)
        {
            isWhole = true;
            file = Name(ModelFiles.PieceIds);
            string merges = Name(ModelFiles.Merges);
            byte[] bytes = ReadBytes(ModelFiles.Merges) ?? throw new TokenizerFormatException(
                merges,
                $"{ModelFiles.PieceIds} needs {ModelFiles.Merges} beside it, or {ModelFiles.Tokenizer}, but there is none. Get it.");
            pipeline = BytePairReader.Read(pieces, bytes, merges, configuration, ReadJson(ModelFiles.Config), ref said);
            pipeline = Settle(pipeline, said, names);
        }
        else
        {
            file = Name(ModelFiles.Vocabulary);
            if (lines is null)
                throw new TokenizerFormatException(source,
                    $"a tokenizer needs {ModelFiles.Tokenizer}, or {ModelFiles.Vocabulary}, or {ModelFiles.PieceIds} with "
                        + $"{ModelFiles.Merges}, but none is there. Check the directory, or save the tokenizer again.");
            if (configuration is { } kinds)
                ConfigurationReader.RequireBert(kinds);
            var usual = new WordPieceTokenizerOptions();
            pipeline = (usual with
            {
                LowerCase = said.LowerCase ?? usual.LowerCase,
                StripAccents = said.StripAccents,
                HandleChineseCharacters = said.HandleChineseCharacters ?? usual.HandleChineseCharacters,
            }).ToPipeline(lines);
        }

        const int Padding = (int)SpecialTokenRole.Padding;
        if (said.Tokens[Padding] is null && !said.VacantRoles.Contains(SpecialTokens.Keys[Padding]))
            names[Padding] ??= pipeline.Kept.PaddingToken;
        pipeline = WithAddedTokens(pipeline, said, configuration);
        pipeline = pipeline.WithRoles(Roles(names, pipeline.Vocabulary!, said, isWhole), file, asBert: !isWhole) with
        {
            MaxLength = said.MaxLength,
            InvalidText = invalidText ?? said.InvalidText ?? InvalidTextHandling.Throw,
            Kept = pipeline.Kept with { Configuration = said.KeptWith(pipeline) },
        };
        try
        {
            return SubwordTokenizer.Create(pipeline, file);
        }
        catch (InvalidOptionsException exception)
        {
            throw new TokenizerFormatException(file, exception.Message, exception);
        }
    }

    /// <summary>The tokenizer of the directory's model of SentencePiece and its name; null where there is none.</summary>
    private (TokenizerPipeline Pipeline, string File)? ReadSentencePiece(JsonPart? configuration, ref TokenizerConfiguration said)
    {
        foreach (string name in ModelFiles.SentencePieces)
        {
            if (ReadBytes(name) is { } bytes)
                return (SentencePieceReader.Read(bytes, Name(name), configuration, ReadJson(ModelFiles.Config), ref said), Name(name));
        }

        return null;
    }

    /// <summary>
    /// The tokens of the roles: what is settled, or what is said. Where no file names a role's token, it is BERT's; a tokenizer.json may do
    /// without it.
    /// </summary>
    private static string?[] Roles(string?[] settled, TokenizerVocabulary vocabulary, TokenizerConfiguration said, bool isWhole)
    {
        IReadOnlyList<string?> usual = new WordPieceTokenizerOptions().TokensByRole;
        return [.. settled.Select((token, role) => token ?? (usual[role] is null ? InVocabulary(said.Tokens[role]) : Said(role)))];

        string? InVocabulary(string? token) => token is not null && vocabulary.TryGetId(token, out _) ? token : null;
        string? Said(int role) => said.Tokens[role]
            ?? (said.VacantRoles.Contains(SpecialTokens.Keys[role]) ? null : isWhole ? InVocabulary(usual[role]) : usual[role]);
    }

    /// <summary>
    /// The tokenizer with the added tokens that only the older files name: tokenizer_config.json, or else added_tokens.json, and the
    /// special tokens that are named. One of a list that has no id yet gets the next one, as in transformers; one with a role, such as
    /// [MASK], must be there.
    /// </summary>
    private TokenizerPipeline WithAddedTokens(TokenizerPipeline tokenizer, TokenizerConfiguration said, JsonPart? configuration)
    {
        TokenizerVocabulary vocabulary = tokenizer.Vocabulary!;
        var tokens = new AddedTokenList(vocabulary);
        FoundToken[] older = configuration is { } part
            && ConfigurationReader.AddedTokens(part) is { } decoder
                ? [.. Settle(tokenizer.AddedTokens, decoder)]
                : ReadJson(ModelFiles.AddedTokens) is { } legacy
                    ? [.. ConfigurationReader.LegacyAddedTokens(legacy, said)]
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
            if (other is not null && other != found.Token && precedence == TokenizerPrecedence.Throw)
                throw Contradiction(ModelFiles.TokenizerConfig,
                    $"the flags of '{found.Token.Content}' in 'added_tokens_decoder' are not those in {ModelFiles.Tokenizer}");
            yield return found;
        }
    }

    /// <summary>What tokenizer.json says; where tokenizer_config.json contradicts it, what the file says that has precedence.</summary>
    /// <param name="tokenizer">What tokenizer.json says.</param>
    /// <param name="said">What tokenizer_config.json says.</param>
    /// <param name="names">Takes the tokens of the roles that tokenizer.json has.</param>
    private TokenizerPipeline Settle(TokenizerPipeline tokenizer, TokenizerConfiguration said, string?[] names)
    {
        T Decide<T>(T inTokenizer, T inConfiguration, string key, string other, bool differ) =>
            !differ || precedence == TokenizerPrecedence.TokenizerJson ? inTokenizer
            : precedence == TokenizerPrecedence.TokenizerConfig ? inConfiguration
            : throw Contradiction(
                ModelFiles.TokenizerConfig,
                $"'{key}' is {Shown(inConfiguration)}, but {ModelFiles.Tokenizer} says {other} {Shown(inTokenizer)}");
        T Pick<T>(T inTokenizer, T inConfiguration, string key, string other) => Decide(
            inTokenizer, inConfiguration, key, other, inTokenizer is not null && inConfiguration is not null
                && !EqualityComparer<T>.Default.Equals(inTokenizer, inConfiguration));

        TokenizerVocabulary vocabulary = tokenizer.Vocabulary!;
        SpecialTokenTemplate template = tokenizer.Template;
        string? PickToken(SpecialTokenRole role, string? inTokenizer, string other) =>
            names[(int)role] = Pick(inTokenizer, said.Tokens[(int)role], SpecialTokens.Keys[(int)role], other);
        int? IdOf(string? token) => token is not null && vocabulary.TryGetId(token, out int id) ? id : null;

        string? unknown = tokenizer.Model!.UnknownToken is { } own && vocabulary.TryGetId(own, out _) ? own : null;
        if (tokenizer.Model.HasOwnUnknownToken)
            names[(int)SpecialTokenRole.Unknown] = unknown;
        else if (PickToken(SpecialTokenRole.Unknown, unknown, "model.unk_token") != unknown && tokenizer.Model is not WordPieceModel)
            throw Contradiction(ModelFiles.TokenizerConfig,
                $"'unk_token' is {Shown(names[0])}, but a {tokenizer.Model.Type} model has its own, {Shown(unknown)}");
        (int? opening, int? closing) = template is { Before: [var first], After: [var last] } ? (first.Id, last.Id) : default((int?, int?));
        template = template
            .Replace(opening, IdOf(PickToken(SpecialTokenRole.Classification, PieceOf(opening), "post_processor")), opening: true)
            .Replace(closing, IdOf(PickToken(SpecialTokenRole.Separator, PieceOf(closing), "post_processor")), opening: false);

        return tokenizer with
        {
            Template = template,
            Normalizer = SettledNormalizer(),
            PreTokenizer = SettledPreTokenizer(tokenizer.PreTokenizer),
        };

        TextPreTokenizer? SettledPreTokenizer(TextPreTokenizer? found) => found switch
        {
            ByteLevelPreTokenizer bytes => bytes with
            {
                AddPrefixSpace = Pick<bool?>(
                    bytes.AddPrefixSpace, said.AddPrefixSpace, "add_prefix_space", "pre_tokenizer.add_prefix_space")!.Value,
            },
            SequencePreTokenizer all => new SequencePreTokenizer([.. all.PreTokenizers.Select(one => SettledPreTokenizer(one)!)]),
            _ => found,
        };

        TextNormalizer? SettledNormalizer()
        {
            (BertNormalizer? bert, bool composes) = BertNormalizer.In(tokenizer.Normalizer);
            if (bert is null && tokenizer.Normalizer is not null)
                return tokenizer.Normalizer;
            bert ??= BertNormalizer.Nothing;
            // null is what case is: equal cases were told of before.
            bool? saidStrips = said.EffectiveStripAccents;
            BertNormalizer settled = bert with
            {
                LowerCase = Pick<bool?>(bert.LowerCase, said.LowerCase, "do_lower_case", "normalizer.lowercase")!.Value,
                StripAccents = Decide(bert.StripAccents, said.StripAccents, "strip_accents", "normalizer.strip_accents",
                    saidStrips is not null && saidStrips != bert.StripsAccents),
                HandleChineseCharacters = Pick<bool?>(bert.HandleChineseCharacters, said.HandleChineseCharacters, "tokenize_chinese_chars",
                    "normalizer.handle_chinese_chars")!.Value,
            };
            return settled == bert ? tokenizer.Normalizer : settled.With(composes);
        }

        string? PieceOf(int? id) => id is { } place ? vocabulary.Pieces[place] : null;
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
            throw Contradiction(ModelFiles.Vocabulary, string.Create(
                CultureInfo.InvariantCulture, $"line {id + 1} is {(line is null ? "nothing" : Shown(line))}, but "
                    + $"{ModelFiles.Tokenizer} has {(piece is null ? "nothing" : Shown(piece))} with that id, {id}"));
        }
    }

    /// <summary>Requires that vocab.json and merges.txt beside tokenizer.json, where they are, hold the same.</summary>
    private void RequireSameMerges(BytePairModel model, TokenizerVocabulary vocabulary)
    {
        if (ReadJson(ModelFiles.PieceIds) is { } ids && BytePairReader.FaultOf(ids, vocabulary) is { } fault)
            throw Contradiction(ModelFiles.PieceIds, fault);
        if (ReadBytes(ModelFiles.Merges) is { } merges && MergesFile.FaultOf(merges, Name(ModelFiles.Merges), model) is { } other)
            throw Contradiction(ModelFiles.Merges, other);
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
            + "(PretrainedModelOptions.TokenizerPrecedence"
            + $"{(file is ModelFiles.Vocabulary or ModelFiles.PieceIds or ModelFiles.Merges ? " = TokenizerJson" : "")}).");

    private string Name(string file) => File.Exists(source) ? source : Path.Combine(source, file);

    private JsonPart? ReadJson(string name) => ReadBytes(name) is { } bytes ? JsonPart.Parse(bytes, Name(name)) : null;

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
