using MlNetBert.HuggingFace;

namespace MlNetBert;

/// <summary>
/// How a text is continued, or answered by a text-to-text model. By default the most likely token is taken at each step; any of
/// <see cref="Temperature"/>, <see cref="TopK"/>, <see cref="TopP"/>, <see cref="MinP"/> and <see cref="TypicalP"/> samples instead, and
/// <see cref="Beams"/> above 1 searches. What limits the choice is applied in the order in which it stands here, as in transformers.
/// </summary>
public sealed record GenerationOptions : PredictionOptions
{
    /// <summary>The most tokens that are written.</summary>
    /// <value>Default 40; at least 1. A model with positions ends where these are used up.</value>
    public int MaxNewTokens { get; init; } = 40;

    /// <summary>What tokens that the text has already become less likely by: positive scores are divided and negative ones multiplied by
    /// it.</summary>
    /// <value>Default 1, which changes nothing; above 0.</value>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Runs of this many tokens occur once only.</summary>
    /// <value>Default 0: no limit.</value>
    public int NoRepeatNgrams { get; init; }

    /// <summary>What scores are divided by before a token is drawn: below 1 likely tokens become likelier.</summary>
    /// <value>Default null: no sampling, or 1 where another option asks for it. Above 0.</value>
    public double? Temperature { get; init; }

    /// <summary>How many of the most likely tokens one is drawn from.</summary>
    /// <value>Default null: all. At least 1.</value>
    public int? TopK { get; init; }

    /// <summary>Tokens are drawn from the fewest whose probabilities add up to this.</summary>
    /// <value>Default null: from all. Above 0 and at most 1.</value>
    public double? TopP { get; init; }

    /// <summary>Tokens are drawn from those whose probability is at least this fraction of the most likely one's.</summary>
    /// <value>Default null: from all. Above 0 and at most 1.</value>
    public double? MinP { get; init; }

    /// <summary>Tokens are drawn from those whose information is nearest to the expected one, until their probabilities add up to
    /// this.</summary>
    /// <value>Default null: from all. Above 0 and below 1.</value>
    public double? TypicalP { get; init; }

    /// <summary>What sampling draws by: equal seeds give equal texts, whatever the batch size and the machine's threads.</summary>
    /// <value>Default 0. Without sampling it changes nothing.</value>
    public long Seed { get; init; }

    /// <summary>How many beginnings beam search keeps side by side.</summary>
    /// <value>Default 1: no beam search.</value>
    public int Beams { get; init; } = 1;

    /// <summary>The power of a result's length that beam search divides its log-probability by: above 0 favors longer texts.</summary>
    /// <value>Default null: 1. With <see cref="Beams"/> only.</value>
    public double? LengthPenalty { get; init; }

    /// <summary>Whether beam search is over as soon as it has as many ended texts as beams, even if better ones could come.</summary>
    /// <value>Default false. With <see cref="Beams"/> only.</value>
    public bool EarlyStopping { get; init; }

    /// <summary>How many results a text has: the best beams, or as many samples.</summary>
    /// <value>Default 1; at most <see cref="Beams"/>, or any number with sampling.</value>
    public int Results { get; init; } = 1;

    /// <summary>The tokens that end a text; an empty list for none.</summary>
    /// <value>Default null: those that generation_config.json names, else config.json, else the tokenizer.</value>
    public IReadOnlyList<int>? EndTokenIds { get; init; }

    /// <summary>Texts that end a text, and are left out of it.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    /// <summary>Whether tokens are drawn.</summary>
    internal bool Samples =>
        Temperature is not null || TopK is not null || TopP is not null || MinP is not null || TypicalP is not null;

    /// <exception cref="InvalidOptionsException">An option is invalid, or two contradict each other; every fault is listed.</exception>
    internal void Validate()
    {
        var faults = new OptionsValidator();
        ValidateAll(faults);
        faults.ThrowIfAny(nameof(GenerationOptions));
    }

    /// <summary>Collects what is wrong where each row of a column gets one text.</summary>
    internal void ValidateRow(OptionsValidator faults)
    {
        ValidateAll(faults);
        faults.Require(Results <= 1, nameof(Results), Results, "must be 1: a row has one text");
    }

    private void ValidateAll(OptionsValidator faults)
    {
        Validate(faults);
        faults.Require(MaxNewTokens >= 1, nameof(MaxNewTokens), MaxNewTokens, "must be at least 1");
        faults.Require(RepetitionPenalty is > 0 and < double.PositiveInfinity, nameof(RepetitionPenalty), RepetitionPenalty,
            "must be above 0 (1 changes nothing)");
        faults.Require(NoRepeatNgrams >= 0, nameof(NoRepeatNgrams), NoRepeatNgrams, "must be at least 0 (no limit)");
        faults.Require(Temperature is null or (> 0 and < double.PositiveInfinity), nameof(Temperature), Temperature,
            "must be above 0 (leave it and the other options of sampling out to take the most likely token)");
        faults.Require(TopK is null or >= 1, nameof(TopK), TopK, "must be at least 1 (leave it out to draw from all tokens)");
        faults.Require(TopP is null or (> 0 and <= 1), nameof(TopP), TopP, "must be above 0 and at most 1");
        faults.Require(MinP is null or (> 0 and <= 1), nameof(MinP), MinP, "must be above 0 and at most 1");
        faults.Require(TypicalP is null or (> 0 and < 1), nameof(TypicalP), TypicalP, "must be above 0 and below 1");
        faults.Require(Beams >= 1, nameof(Beams), Beams, "must be at least 1 (no beam search)");
        faults.Require(LengthPenalty is null || double.IsFinite(LengthPenalty.Value), nameof(LengthPenalty), LengthPenalty,
            "must be a finite number");
        faults.Require(Results >= 1, nameof(Results), Results, "must be at least 1");
        faults.Require(EndTokenIds?.All(id => id >= 0) != false, nameof(EndTokenIds), Shown(EndTokenIds), "must be ids of tokens, from 0");
        faults.Require(StopTexts?.All(text => !string.IsNullOrEmpty(text)) == true, nameof(StopTexts), StopTexts,
            "must be a list without an empty text");
        RequireOneWay(faults);
    }

    private static string? Shown(IReadOnlyList<int>? ids) => ids is null ? null : string.Join(", ", ids);

    private void RequireOneWay(OptionsValidator faults)
    {
        faults.Require(Beams <= 1 || !Samples, nameof(Beams), Beams,
            $"must be 1 where tokens are drawn ({Drawing()}): search with beams, or sample, not both");
        faults.Require(LengthPenalty is null || Beams > 1, nameof(LengthPenalty), LengthPenalty,
            $"must go with several beams, whose results it ranks ({nameof(GenerationOptions)}.{nameof(Beams)}); leave it out");
        faults.Require(!EarlyStopping || Beams > 1, nameof(EarlyStopping), EarlyStopping,
            $"must go with several beams, whose search it ends ({nameof(GenerationOptions)}.{nameof(Beams)}); leave it out");
        faults.Require(Results <= 1 || Samples || Results <= Beams, nameof(Results), Results,
            $"must be at most {nameof(GenerationOptions)}.{nameof(Beams)} ({Beams}), or tokens must be drawn "
                + $"({nameof(GenerationOptions)}.{nameof(Temperature)}): the most likely tokens give one result");
    }

    private string Drawing() => string.Join(", ", new (string Name, bool IsSet)[]
    {
        (nameof(Temperature), Temperature is not null), (nameof(TopK), TopK is not null), (nameof(TopP), TopP is not null),
        (nameof(MinP), MinP is not null), (nameof(TypicalP), TypicalP is not null),
    }.Where(option => option.IsSet).Select(option => $"{nameof(GenerationOptions)}.{option.Name}"));
}
