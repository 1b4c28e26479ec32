using System.CommandLine;
using System.Text.RegularExpressions;

namespace MlNetBert.Cli.Parsing;

/// <summary>The texts of a verb: as they are, or <c>-</c> for the lines of standard input.</summary>
internal sealed partial class TextArgument : Argument<string[]>
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    public TextArgument()
        : base("TEXT")
    {
        Description = "The texts. - reads standard input: every line is a text. After -- a text may look like an option.";
        Arity = ArgumentArity.OneOrMore;
    }

    /// <summary>The texts in order, in groups that can be computed at once. Lines typed at a terminal come one by one.</summary>
    /// <param name="values">The arguments.</param>
    /// <param name="size">Texts of a group.</param>
    /// <param name="input">The lines of standard input.</param>
    public static IEnumerable<string[]> Groups(IEnumerable<string> values, int size, IEnumerable<string> input)
    {
        var group = new List<string>();
        foreach (var value in values)
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

    /// <summary>Refuses options for reading standard input where no text is read there.</summary>
    public void Need(Command command, params Option[] options) => command.Validators.Add(result =>
    {
        if (result.GetResult(this) is not { } texts || texts.Tokens.Any(token => token.Value == StandardInput))
            return;
        foreach (var option in options.Where(option => result.GetResult(option) is { Implicit: false }))
            result.AddError($"{option.Name} goes with - : it says how standard input is read.");
    });

    /// <summary>A misspelt option would be taken for a text: what looks like one must follow <c>--</c>.</summary>
    /// <returns>What is wrong with the texts; nothing where all is well.</returns>
    public static IEnumerable<string> Faults(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var command = parsed.CommandResult.Command;
        if (command.Arguments.OfType<TextArgument>().FirstOrDefault() is not { } texts || parsed.GetResult(texts) is not { } result)
            return [];
        var before = arguments.TakeWhile(argument => argument != "--").ToHashSet(StringComparer.Ordinal);
        return result.Tokens
            .Where(token => OptionLike().IsMatch(token.Value) && before.Contains(token.Value))
            .Select(token => UsageErrors.Unknown(command, token.Value) + " A text that looks like an option must stand after -- .");
    }

    [GeneratedRegex(
        @"\A--?[A-Za-z][A-Za-z0-9-]*(=.*)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex OptionLike();
}
