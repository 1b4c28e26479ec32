using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace MlNetBert.Cli.Parsing;

/// <summary>
/// The texts of a verb, after its model: as they are, or <c>-</c> for the lines of standard input. Where an option names the model, the
/// first argument is a text, too.
/// </summary>
internal sealed partial class TextArgument : Argument<string[]>
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    private readonly ModelInput _model;

    public TextArgument(ModelInput model)
        : base("TEXT")
    {
        _model = model;
        Description = "The texts. - reads standard input: every line is a text. After -- a text may look like an option.";
        Arity = ArgumentArity.ZeroOrMore;
    }

    /// <summary>An option that may be given instead of texts; null for none.</summary>
    public Option? Instead { get; init; }

    /// <summary>The texts in order.</summary>
    public IReadOnlyList<string> Of(CommandResult result) =>
    [
        .. _model.IsNamedByOption(result) ? Tokens(result.GetResult(_model.Argument)) : [],
        .. Tokens(result.GetResult(this)),
    ];

    /// <summary>The texts in groups that can be computed at once. Lines typed at a terminal come one by one.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="size">Texts of a group.</param>
    /// <param name="input">The lines of standard input.</param>
    public IEnumerable<string[]> Groups(ParseResult arguments, int size, IEnumerable<string> input)
    {
        var group = new List<string>();
        foreach (var value in Of(arguments.CommandResult))
        {
            var isInput = value == StandardInput;
            foreach (var text in isInput ? input : [value])
            {
                group.Add(text);
                if (group.Count < size && !(isInput && !Console.IsInputRedirected))
                    continue;
                yield return [.. group];
                group.Clear();
            }
        }

        if (group.Count > 0)
            yield return [.. group];
    }

    /// <summary>Requires a model and a text, and refuses options for reading standard input where no text is read there.</summary>
    public void Need(Command command, string missingModel, params Option[] options) => command.Validators.Add(result =>
    {
        var texts = Of(result);
        var isReplaced = Instead is not null && result.GetResult(Instead) is { Implicit: false };
        var or = Instead is null ? "" : $" or {Instead.Name}";
        if (!_model.IsNamedByOption(result) && Tokens(result.GetResult(_model.Argument)).Count == 0)
            result.AddError($"{missingModel} is required, and a TEXT{or}.");
        else if (texts.Count == 0 && !isReplaced)
            result.AddError($"A TEXT{or} is required: {command.Name} MODEL TEXT, or {command.Name} --model MODEL TEXT.");
        else if (texts.Count > 0 && isReplaced)
            result.AddError($"TEXT and {Instead!.Name} exclude each other.");
        if (texts.Count == 0 || texts.Contains(StandardInput))
            return;
        foreach (var option in options.Where(option => result.GetResult(option) is { Implicit: false }))
            result.AddError($"{option.Name} goes with - : it says how standard input is read.");
    });

    /// <summary>A misspelt option would be taken for a text: what looks like one must follow <c>--</c>.</summary>
    /// <returns>What is wrong with the texts; nothing where all is well.</returns>
    public static IEnumerable<string> Faults(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var command = parsed.CommandResult.Command;
        if (command.Arguments.OfType<TextArgument>().FirstOrDefault() is not { } texts)
            return [];
        var before = arguments.TakeWhile(argument => argument != "--").ToHashSet(StringComparer.Ordinal);
        return Tokens(parsed.GetResult(texts._model.Argument)).Concat(Tokens(parsed.GetResult(texts)))
            .Where(value => OptionLike().IsMatch(value) && before.Contains(value))
            .Select(value => UsageErrors.Unknown(command, value) + " A text that looks like an option must stand after -- .");
    }

    private static List<string> Tokens(ArgumentResult? result) => result is null ? [] : [.. result.Tokens.Select(token => token.Value)];

    [GeneratedRegex(
        @"\A--?[A-Za-z][A-Za-z0-9-]*(=.*)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex OptionLike();
}
