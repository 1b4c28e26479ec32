using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Models.Generation;
using MlNetBert.Text.Randomness;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Generation;

/// <summary>Writes tokens behind tokens, for models with a tokenizer or without. Thread-safe; holds no weights.</summary>
internal sealed class TokenGenerator
{
    private readonly ModelConfig _config;
    private readonly int? _start;
    private readonly GenerationFiles _files;
    private readonly GenerationOptions _options;
    private readonly InferencePlace _place;
    private readonly IReadOnlyList<int> _ends;

    /// <summary>Prepares generation by a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="files">What its files say.</param>
    /// <param name="options">How texts are written; valid.</param>
    /// <param name="place">Where to compute.</param>
    /// <param name="source">What messages call the model.</param>
    /// <exception cref="InvalidOptionsException">An end token is none of the model's.</exception>
    public TokenGenerator(IGenerativeModel model, GenerationFiles files, GenerationOptions options, InferencePlace place, string source)
    {
        (_config, _start, _files, _options, _place) = (model.Config, model.DecoderStart, files, options, place);
        new OptionsValidator().Require(
            options.EndTokenIds?.All(id => id < _config.VocabularySize) != false, nameof(GenerationOptions.EndTokenIds),
            options.EndTokenIds, FormattableString.Invariant($"must be ids below the model's {_config.VocabularySize} tokens"))
            .ThrowIfAny(nameof(GenerationOptions));
        _ends = options.EndTokenIds ?? [.. files.EndIds.Where(id => id < _config.VocabularySize)];
        Notes = [.. NotesOf(source)];
    }

    /// <summary>What there is to say before anything is written.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Whether what is written continues the prompt.</summary>
    public bool Continues => _start is null;

    /// <summary>Whether a prompt without tokens has one to begin with.</summary>
    public bool CanBegin => _files.BeginningId < _config.VocabularySize;

    /// <summary>Whether a text is known token by token.</summary>
    public bool IsStreamable => _options is { Beams: 1, Results: 1 };

    /// <summary>
    /// Prepares a prompt. One to continue that leaves too few positions for what is to be written loses its first tokens; one to answer
    /// that is longer than the positions loses its last ones, as in training.
    /// </summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="opening">How many of the first tokens are kept in any case: those that open every text.</param>
    /// <param name="closing">How many of the last tokens of a prompt to answer are kept in any case: those that close every text.</param>
    /// <exception cref="ArgumentException">An id is none of the model's.</exception>
    /// <exception cref="InvalidOperationException">There is no token, and none that the model begins texts with.</exception>
    public GenerationPrompt Prepare(int[] ids, int opening = 0, int closing = 0)
    {
        if (Array.FindIndex(ids, id => id < 0 || id >= _config.VocabularySize) is var place and >= 0)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The ids of a prompt must be from 0 to {_config.VocabularySize - 1}, found {ids[place]} at place {place}."), nameof(ids));
        if (ids.Length == 0)
        {
            ids = [_files.BeginningId is { } beginning && beginning < _config.VocabularySize ? beginning
                : throw new InvalidOperationException(
                    "The prompt has no tokens, and neither generation_config.json nor config.json names a token that texts begin with "
                        + "(bos_token_id). Give a text, or name the token.")];
        }

        if (_config.MaxLength is not { } positions)
            return new GenerationPrompt(ids, 0, _options.MaxNewTokens);
        // The last token that is written takes no position. A prompt keeps half of them, however many tokens are to be written.
        var most = Continues ? Math.Max(positions + 1 - _options.MaxNewTokens, (positions + 1) / 2) : positions;
        var cut = Math.Max(0, ids.Length - most);
        var before = Continues ? Math.Min(opening, most) : Math.Max(0, Math.Min(ids.Length, most) - closing);
        ids = [.. ids[..before], .. ids[(before + cut)..]];
        return new GenerationPrompt(
            ids, cut, Math.Min(_options.MaxNewTokens, Continues ? positions + 1 - ids.Length : positions));
    }

    /// <summary>Writes behind prompts, those of like length together.</summary>
    /// <param name="network">The model on its device.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="stops">What ends the text of a prompt beside end tokens.</param>
    /// <param name="numberOf">The number of each prompt by its place, which random numbers depend on.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The results of each prompt, the best first.</returns>
    /// <exception cref="InsufficientMemoryException">A batch does not fit into memory.</exception>
    /// <exception cref="InvalidDataException">The model gives scores that are not numbers.</exception>
    public IReadOnlyList<IReadOnlyList<GeneratedSequence>> Generate(
        LanguageModelModule network,
        IReadOnlyList<GenerationPrompt> prompts,
        Func<GenerationPrompt, StopRule?> stops,
        Func<int, long> numberOf,
        CancellationToken cancellationToken)
    {
        var results = new IReadOnlyList<GeneratedSequence>[prompts.Count];
        int[][] sequences = [.. prompts.Select(prompt => prompt.Ids)];
        var rows = GenerationMemory.MostTexts(_config, prompts, Strategy(stops: null).RowsPerText, _options.BatchSize, _place.Device);
        foreach (var batch in LengthBatches.Of(sequences, _options.BatchSize, rows))
        {
            var searches = batch.ConvertAll(i => Begin(prompts[i], stops(prompts[i]), numberOf(i)));
            using (var run = Start(network, batch.ConvertAll(i => sequences[i]), searches))
            {
                do
                    cancellationToken.ThrowIfCancellationRequested();
                while (run.Step());
            }

            foreach (var (place, index) in batch.Index())
                results[index] = [.. searches[place].SelectMany(search => search.Results)];
        }

        return results;
    }

    /// <summary>Begins to write behind one prompt, a token a step.</summary>
    /// <param name="network">The model on its device.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="stops">What ends the text beside end tokens; null for nothing.</param>
    /// <param name="number">The number of the prompt among all of a call.</param>
    /// <param name="search">What is written so far.</param>
    /// <returns>The run; dispose of it.</returns>
    /// <exception cref="InsufficientMemoryException">It does not fit into memory.</exception>
    public GenerationRun Start(LanguageModelModule network, GenerationPrompt prompt, StopRule? stops, long number, out TextSearch search)
    {
        GenerationMemory.MostTexts(_config, [prompt], rowsPerText: 1, batchSize: 1, _place.Device);
        var searches = Begin(prompt, stops, number);
        search = searches[0];
        return Start(network, [prompt.Ids], [searches]);
    }

    /// <summary>Why a text has no more tokens.</summary>
    public GenerationEnd EndOf(GeneratedSequence sequence, GenerationPrompt prompt) => sequence switch
    {
        // What comes last because nothing more may be written ends no text.
        { Ids: [.., var last] } when sequence.Ids.Count == prompt.Limit && _files.LastIds.Contains(last) => LimitOf(sequence),
        { HasEnded: true, Ids: [.., var last] } => _ends.Contains(last) ? GenerationEnd.EndToken : GenerationEnd.StopText,
        _ when sequence.Ids.Count < prompt.Limit => GenerationEnd.NothingAllowed,
        _ => LimitOf(sequence),
    };

    private GenerationEnd LimitOf(GeneratedSequence sequence) =>
        sequence.Ids.Count == _options.MaxNewTokens ? GenerationEnd.MaxNewTokens : GenerationEnd.Positions;

    private GenerationRun Start(LanguageModelModule network, List<int[]> prompts, IReadOnlyList<IReadOnlyList<TextSearch>> searches) =>
        new((IGenerativeModel)network, prompts, searches, _files.PaddingId, _place.Precision, _place.Device);

    private IReadOnlyList<TextSearch> Begin(GenerationPrompt prompt, StopRule? stops, long number) =>
        Strategy(stops, prompt).Begin(number, _start is { } start ? [start] : prompt.Ids, prompt.Limit);

    private DecodingStrategy Strategy(StopRule? stops, GenerationPrompt? prompt = null)
    {
        DecodingStrategy strategy = _options.Beams > 1
            ? new BeamSearch(_options.Beams) { LengthPenalty = _options.LengthPenalty ?? 1, EarlyStopping = _options.EarlyStopping }
            : new Sampling(_options.Samples ? Draw : null);
        return strategy with
        {
            Processors = [.. Processors(prompt)],
            EndTokens = _ends.ToHashSet(),
            Stops = stops,
            Results = _options.Results,
        };
    }

    private IEnumerable<ILogitsProcessor> Processors(GenerationPrompt? prompt)
    {
        if (_options.RepetitionPenalty != 1)
            yield return new RepetitionPenalty(_options.RepetitionPenalty);
        if (_options.NoRepeatNgrams > 0)
            yield return new NoRepeatNgrams(_options.NoRepeatNgrams);
        if (_files.FirstIds.Count > 0)
            yield return new ForcedTokens(1, _files.FirstIds);
        if (_files.LastIds.Count > 0 && prompt is not null)
            yield return new ForcedTokens((Continues ? prompt.Ids.Length : 1) + prompt.Limit - 1, _files.LastIds);
        if (_options.Temperature is { } temperature)
            yield return new Temperature(temperature);
        if (_options.TopK is { } count)
            yield return new TopK(count);
        if (_options.TopP is { } mass)
            yield return new TopP(mass);
        if (_options.MinP is { } fraction)
            yield return new MinP(fraction);
        if (_options.TypicalP is { } typical)
            yield return new TypicalP(typical);
    }

    private double Draw(long row, int step) =>
        (new PhiloxStream(_options.Seed, RandomStreams.Generation, epoch: 0).UInt64(row, step) >> 11) * (1.0 / (1L << 53));

    private IEnumerable<string> NotesOf(string source)
    {
        if (_options.EndTokenIds is null && _files.EndIds.Count == 0)
        {
            yield return $"Neither {ModelFiles.GenerationConfig} nor {ModelFiles.Config} nor the tokenizer of {source} names an end "
                + $"token: texts are {nameof(GenerationOptions)}.{nameof(GenerationOptions.MaxNewTokens)} long. "
                + $"{nameof(GenerationOptions)}.{nameof(GenerationOptions.EndTokenIds)} names some.";
        }

        var absent = _files.EndIds.Except(_ends).ToList();
        if (_options.EndTokenIds is null && absent.Count > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{_files.EndFile} of {source} names the end token {string.Join(", ", absent)}, which is none of the model's "
                    + $"{_config.VocabularySize}: it never comes.");
        }

        if (_start is { } begun && _files.DecoderStart is { } other && other != begun)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{ModelFiles.GenerationConfig} of {source} has the decoder begin with token {other}, {ModelFiles.Config} with {begun}, "
                    + $"which is taken: the model was trained with it. Make the two equal.");
        }

        if (_files.Unused.Count > 0)
            yield return $"{ModelFiles.GenerationConfig} of {source} sets {string.Join(", ", _files.Unused)}, which is not taken from "
                + "there: give what there is an option for as an option.";
    }
}
