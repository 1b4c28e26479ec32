using MlNetBert.Inference;
using MlNetBert.Models.Generation;

namespace MlNetBert.Generation;

/// <summary>
/// Continues texts, or answers them with a text-to-text model. Thread-safe; holds no weights of its own. What a text gives depends on no
/// other text of a call, except that samples depend on its number (<see cref="GenerationOptions.Seed"/>).
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class TextGenerator
{
    internal const string What = "Generating text";

    private readonly PretrainedModel _model;
    private readonly SubwordTokenizer _tokenizer;
    private readonly TokenGenerator _tokens;
    private readonly InferencePlace _place;
    private readonly StopTexts _stops;

    /// <summary>Creates a generator.</summary>
    /// <param name="model">The model; the caller keeps it alive.</param>
    /// <param name="options">How texts are written, and where; null for the defaults.</param>
    /// <exception cref="InvalidOptionsException">An option is invalid, or two contradict each other; every error is listed.</exception>
    /// <exception cref="InvalidOperationException">The model writes no texts, or weights of it were drawn.</exception>
    /// <exception cref="ModelFormatException">generation_config.json or config.json name tokens in another form than ids.</exception>
    public TextGenerator(PretrainedModel model, GenerationOptions? options = null)
        : this(model, Checked(options), InferencePlace.Of(Checked(options), environment: null))
    {
    }

    internal TextGenerator(PretrainedModel model, GenerationOptions options, InferencePlace place)
    {
        ArgumentNullException.ThrowIfNull(model);
        options.Validate();
        (_model, _tokenizer, _place) = (model, model.Tokenizer, place);
        _tokens = new TokenGenerator(model.RequireGenerative(What), model.GenerationFiles, options, place, model.Source);
        _stops = new StopTexts(options.StopTexts);
    }

    /// <summary>What there is to say of the model and the options: no end token, settings of the model that are not taken.</summary>
    public IReadOnlyList<string> Notes => _tokens.Notes;

    /// <summary>Whether what is written continues the prompt, rather than answering it.</summary>
    internal bool Continues => _tokens.Continues;

    /// <summary>Whether a text is known token by token.</summary>
    internal bool IsStreamable => _tokens.IsStreamable;

    /// <summary>Continues or answers a text.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The results, the best first.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed of before the call.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    /// <exception cref="InvalidOperationException">The text has no tokens, and the model none that texts begin with.</exception>
    /// <exception cref="InsufficientMemoryException">The memory does not hold the text with its beams; nothing was computed.</exception>
    /// <exception cref="InvalidDataException">The model gives scores that are not numbers.</exception>
    public IReadOnlyList<GeneratedText> Generate(string text, CancellationToken cancellationToken = default) =>
        Generate([text], cancellationToken)[0];

    /// <summary>Continues or answers texts, those of like length together.</summary>
    /// <param name="texts">The prompts.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The results of each text, the best first.</returns>
    /// <exception cref="ObjectDisposedException">As <see cref="Generate(string, CancellationToken)"/>, and so the others.</exception>
    public IReadOnlyList<IReadOnlyList<GeneratedText>> Generate(
        IReadOnlyList<string> texts, CancellationToken cancellationToken = default) => Generate(texts, first: 0, cancellationToken);

    /// <summary>Continues or answers texts that are tokenized already.</summary>
    /// <param name="prompts">Token ids of each prompt, as the model reads them: special tokens included.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The results of each prompt, the best first.</returns>
    /// <exception cref="ArgumentException">An id is none of the model's.</exception>
    /// <exception cref="ObjectDisposedException">As <see cref="Generate(string, CancellationToken)"/>, and so the others.</exception>
    public IReadOnlyList<IReadOnlyList<GeneratedText>> GenerateTokens(
        IReadOnlyList<int[]> prompts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return Generate(
            [.. prompts.Select(ids => (_tokens.Prepare(ids), ContinuationDecoder.Decode(_tokenizer, ids)))],
            place => place,
            cancellationToken);
    }

    /// <summary>
    /// Answers rows of a column, each as if it were alone. What a causal model writes behind its prompt is a text of its own.
    /// </summary>
    /// <param name="prompts">Token ids of each prompt, as the model reads them.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The best result of each prompt.</returns>
    internal IReadOnlyList<GeneratedText> Answer(IReadOnlyList<int[]> prompts, CancellationToken cancellationToken = default)
    {
        var alone = ContinuationDecoder.Alone(_tokenizer);
        return [.. Generate([.. prompts.Select(ids => (_tokens.Prepare(ids), ""))], _ => 0, cancellationToken, _ => alone)
            .Select(results => results[0])];
    }

    /// <summary>The same as <see cref="Generate(IReadOnlyList{string}, CancellationToken)"/>, with texts before these.</summary>
    internal IReadOnlyList<IReadOnlyList<GeneratedText>> Generate(
        IReadOnlyList<string> texts, long first, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Generate([.. texts.Select(text => (Prepare(text), text))], place => first + place, cancellationToken);
    }

    /// <summary>Continues or answers rows of a column, each as if it were alone: what is drawn depends on no other.</summary>
    /// <param name="rows">Token ids of each row, without special tokens added, and its text; null where it is what the tokens are decoded
    /// to.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The best result of each row; null of one without tokens where the model has none that texts begin with.</returns>
    internal IReadOnlyList<GeneratedText?> GenerateRows(
        IReadOnlyList<(int[] Ids, string? Text)> rows, CancellationToken cancellationToken = default)
    {
        int[] begun = [.. Enumerable.Range(0, rows.Count).Where(i => rows[i].Ids.Length > 0 || _tokens.CanBegin
            || _tokenizer.Template.Before.Count > 0)];
        var prompts = begun.Select(i => (Prepare(rows[i].Ids), rows[i].Text ?? ContinuationDecoder.Decode(_tokenizer, rows[i].Ids)));
        var results = new GeneratedText?[rows.Count];
        foreach (var (place, texts) in Generate([.. prompts], _ => 0, cancellationToken).Index())
            results[begun[place]] = texts[0];
        return results;
    }

    /// <summary>
    /// Continues or answers a text piece by piece: the pieces joined are the <see cref="GeneratedText.Generated"/> of the first result.
    /// Characters of several tokens come whole; what may yet be taken for a stop text, or change, is held back.
    /// </summary>
    /// <param name="text">The prompt.</param>
    /// <param name="cancellationToken">Stops between tokens.</param>
    /// <returns>The pieces, each as soon as it is certain; none is empty. What is asked for no further is not computed.</returns>
    /// <exception cref="NotSupportedException">There are several beams, of which the best is known at the end only, or results.</exception>
    /// <exception cref="ObjectDisposedException">As <see cref="Generate(string, CancellationToken)"/>, and so the others.</exception>
    public IEnumerable<string> Stream(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Stream(text, number: 0, _ => { }, cancellationToken);
    }

    /// <summary>The same, for the text of a number, which gives its result when it is whole.</summary>
    internal IEnumerable<string> Stream(string text, long number, Action<GeneratedText> whole, CancellationToken cancellationToken)
    {
        if (!_tokens.IsStreamable)
            throw new NotSupportedException(
                $"Several beams or results are known at the end only: take 1 {nameof(GenerationOptions)}.{nameof(GenerationOptions.Beams)} "
                    + $"and 1 {nameof(GenerationOptions)}.{nameof(GenerationOptions.Results)} to stream, or "
                    + $"{nameof(TextGenerator)}.{nameof(Generate)}.");
        return Pieces(text, Prepare(text), number, whole, cancellationToken);
    }

    private IEnumerable<string> Pieces(
        string text, GenerationPrompt prompt, long number, Action<GeneratedText> whole, CancellationToken cancellationToken)
    {
        var decoder = DecoderOf(prompt);
        using var call = _model.Call(_place.Device);
        using var run = _tokens.Start(call.Network, prompt, _stops.RuleFor(decoder), number, out var search);
        var given = 0;
        bool isMore;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            isMore = run.Step();
            if (!isMore)
                break;
            var certain = decoder.StableOf(search.Results[0].Ids);
            var length = _stops.CertainLength(certain);
            if (length <= given)
                continue;
            yield return certain[given..length];
            given = length;
        }
        while (isMore);

        var result = ToText(text, search.Results[0], prompt, decoder);
        if (result.Generated!.Length > given)
            yield return result.Generated[given..];
        whole(result);
    }

    private IReadOnlyList<IReadOnlyList<GeneratedText>> Generate(
        IReadOnlyList<(GenerationPrompt Prompt, string Text)> prompts, Func<int, long> numberOf, CancellationToken cancellationToken,
        Func<GenerationPrompt, ContinuationDecoder>? decoderOf = null)
    {
        decoderOf ??= DecoderOf;
        using var call = _model.Call(_place.Device);
        var results = _tokens.Generate(
            call.Network, [.. prompts.Select(p => p.Prompt)], prompt => _stops.RuleFor(decoderOf(prompt)), numberOf, cancellationToken);
        return
        [
            .. prompts.Zip(results, (p, sequences) =>
            {
                var decoder = decoderOf(p.Prompt);
                return (IReadOnlyList<GeneratedText>)[.. sequences.Select(sequence => ToText(p.Text, sequence, p.Prompt, decoder))];
            }),
        ];
    }

    // A text that is continued must not be closed.
    private GenerationPrompt Prepare(string text) => Prepare(_tokenizer.EncodeToIds(text));

    private GenerationPrompt Prepare(int[] ids) =>
        _tokens.Continues
            ? _tokens.Prepare([.. _tokenizer.Template.Before.Select(token => token.Id), .. ids], _tokenizer.Template.Before.Count)
            : _tokens.Prepare(
                _tokenizer.Template.Build(ids).Ids, closing: _tokenizer.Template.AddedCount - _tokenizer.Template.Before.Count);

    private ContinuationDecoder DecoderOf(GenerationPrompt prompt) => new(_tokenizer, _tokens.Continues ? prompt.Ids : []);

    private GeneratedText ToText(string text, GeneratedSequence sequence, GenerationPrompt prompt, ContinuationDecoder decoder) => new(
        text,
        _stops.Cut(decoder, sequence.Ids),
        sequence.Ids,
        [.. sequence.Ids.Select(id => id < _tokenizer.Vocabulary.Count ? _tokenizer.Vocabulary[id] : null)],
        sequence.Score,
        _tokens.EndOf(sequence, prompt),
        prompt.Cut);

    private static GenerationOptions Checked(GenerationOptions? options)
    {
        options ??= new GenerationOptions();
        options.Validate();
        return options;
    }
}
