using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MlNetBert.Cli.Parsing;

/// <summary>How texts are written, with the names of <see cref="GenerationOptions"/>.</summary>
internal sealed class GenerationArguments
{
    private const string NoEnd = "none";

    private static readonly GenerationOptions Defaults = new();

    private readonly Option<int> _maxNewTokens = new Option<int>("--max-new-tokens")
    {
        Description = "The most tokens that are written.",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.MaxNewTokens,
    };
    private readonly Option<double?> _temperature = Number("--temperature",
        "Sample: divide scores by this before a token is drawn. Default: no sampling, or 1 with another option that samples.");
    private readonly Option<int?> _topK =
        new("--top-k") { Description = "Sample: draw from the most likely tokens, this many.", HelpName = "N" };
    private readonly Option<double?> _topP = Number("--top-p", "Sample: draw from the fewest tokens whose probabilities add up to this.");
    private readonly Option<double?> _minP =
        Number("--min-p", "Sample: draw from tokens at least this fraction as likely as the most likely one.");
    private readonly Option<double?> _typicalP =
        Number("--typical-p", "Sample: draw from the tokens of most usual information, whose probabilities add up to this.");
    private readonly Option<int> _beams = new("--beams")
    {
        Description = "Search with this many beginnings side by side.",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.Beams,
    };
    private readonly Option<double?> _lengthPenalty =
        Number("--length-penalty", "With --beams: above 0 favors longer texts, below 0 shorter ones. Default: 1.");
    private readonly Option<bool> _earlyStopping = new("--early-stopping")
    {
        Description = "With --beams: be done as soon as as many texts as beams have ended, even if better ones could come.",
    };
    private readonly Option<int> _results = new("--results")
    {
        Description = "Results of a text: the best beams, or as many samples.",
        HelpName = "N",
        DefaultValueFactory = _ => Defaults.Results,
    };
    private readonly Option<double> _repetitionPenalty = new("--repetition-penalty")
    {
        Description = "Make tokens that the text has already less likely: above 1.",
        HelpName = "X",
        DefaultValueFactory = _ => Defaults.RepetitionPenalty,
    };
    private readonly Option<int> _noRepeatNgrams =
        new("--no-repeat-ngrams") { Description = "Let runs of this many tokens occur once only. Default: 0, no limit.", HelpName = "N" };
    private readonly Option<string[]> _end = new("--end")
    {
        Description = "The ids of the tokens that end a text, or none. Default: those of generation_config.json, else config.json, else "
            + "the tokenizer.",
        HelpName = "ID,…",
    };
    private readonly Option<string[]> _stop =
        new("--stop") { Description = "A text that ends a text, and is left out of it. May be given several times.", HelpName = "TEXT" };
    private readonly Option<long?> _seed = new("--seed") { Description = "What sampling draws by. Default: 0.", HelpName = "N" };
    private readonly Option<int?> _batchSize = Inputs.BatchSize("Texts at once. Default: up to 64, as many as the memory holds.");
    private readonly Option<string?> _precision = Inputs.Precision();
    private readonly Option<string> _device = Inputs.Device();

    public GenerationArguments()
    {
        _end.Validators.Add(result => CheckIds(result, NoEnd));
        Ids.Validators.Add(result => CheckIds(result));
    }

    /// <summary>Prompts as ids.</summary>
    public Option<string[]> Ids { get; } = new("--ids")
    {
        Description = "The ids of a prompt instead of a TEXT, special tokens included; for a model without a tokenizer, too. May be given "
            + "several times.",
        HelpName = "ID,…",
    };

    /// <summary>The options.</summary>
    public Option[] All =>
    [
        Ids, _maxNewTokens, _temperature, _topK, _topP, _minP, _typicalP, _seed, _beams, _lengthPenalty, _earlyStopping, _results,
        _repetitionPenalty, _noRepeatNgrams, _end, _stop, _batchSize, _precision, _device,
    ];

    /// <summary>The prompts that were given as ids; null where there are texts.</summary>
    public IReadOnlyList<int[]>? Prompts(ParseResult arguments) => arguments.GetResult(Ids) is null
        ? null : [.. arguments.GetRequiredValue(Ids).Select(ParseIds)];

    /// <summary>Whether a seed was given that nothing is drawn by.</summary>
    public bool HasIdleSeed(ParseResult arguments) => arguments.GetResult(_seed) is not null && !Of(arguments).Samples;

    /// <summary>The options of a call; their values may be wrong yet.</summary>
    public GenerationOptions Of(ParseResult arguments) => new()
    {
        MaxNewTokens = arguments.GetValue(_maxNewTokens),
        Temperature = arguments.GetValue(_temperature),
        TopK = arguments.GetValue(_topK),
        TopP = arguments.GetValue(_topP),
        MinP = arguments.GetValue(_minP),
        TypicalP = arguments.GetValue(_typicalP),
        Seed = arguments.GetValue(_seed) ?? Defaults.Seed,
        Beams = arguments.GetValue(_beams),
        LengthPenalty = arguments.GetValue(_lengthPenalty),
        EarlyStopping = arguments.GetValue(_earlyStopping),
        Results = arguments.GetValue(_results),
        RepetitionPenalty = arguments.GetValue(_repetitionPenalty),
        NoRepeatNgrams = arguments.GetValue(_noRepeatNgrams),
        EndTokenIds = arguments.GetResult(_end) is null
            ? null : [.. arguments.GetRequiredValue(_end).Where(list => list != NoEnd).SelectMany(ParseIds)],
        StopTexts = arguments.GetValue(_stop) ?? [],
        BatchSize = arguments.GetValue(_batchSize),
        Precision = Inputs.ToPrecision(arguments.GetRequiredValue(_precision)!),
        Device = arguments.GetRequiredValue(_device),
    };

    private static Option<double?> Number(string name, string description) => new(name) { Description = description, HelpName = "X" };

    private static int[] ParseIds(string list) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries).Select(id => int.Parse(id, NumberStyles.None, CultureInfo.InvariantCulture))];

    private static void CheckIds(OptionResult result, string? word = null)
    {
        foreach (var list in result.Tokens.Select(token => token.Value).Where(list => list != word))
        {
            foreach (var id in list.Split(',', StringSplitOptions.TrimEntries))
            {
                if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                    result.AddError($"{result.Option.Name} must be ids of tokens with commas between them, such as 25,152,131"
                        + $"{(word is null ? "" : $", or {word}")}, but has '{id}'.");
            }
        }
    }
}
