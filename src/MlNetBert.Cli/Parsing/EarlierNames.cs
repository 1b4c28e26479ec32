using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace MlNetBert.Cli.Parsing;

/// <summary>
/// Names that options had in earlier builds: accepted until 1.0, not shown in the help. Messages name an option as the caller wrote it.
/// </summary>
internal static partial class EarlierNames
{
    /// <summary>Accepts an option under names that it had before.</summary>
    public static T Formerly<T>(this T option, params string[] names)
        where T : Option
    {
        foreach (var name in names)
            option.Aliases.Add(name);
        return option;
    }

    /// <summary>Leaves the earlier names out of a verb's help.</summary>
    public static void Hide(Command command)
    {
        foreach (var option in command.Options.Where(option => option is not (HelpOption or VersionOption)))
            option.Aliases.Clear();
    }

    /// <summary>The present name of an option of a command.</summary>
    public static string Present(Command command, string name) =>
        command.Options.FirstOrDefault(option => option.Aliases.Contains(name)) is { } renamed
            ? renamed.Name
            : command.Options.OfType<IEarlierOption>().FirstOrDefault(option => option.Name == name)?.StandsFor[0].Name ?? name;

    /// <summary>Options that were given under two names.</summary>
    public static IEnumerable<string> Faults(ParseResult parsed)
    {
        var written = OptionTokens(parsed);
        foreach (var option in parsed.CommandResult.Command.Options)
        {
            if (option.Aliases.Prepend(option.Name).Where(written.Contains).ToList() is [var first, var second, ..])
                yield return $"{first} and {second} are the same option. Give one of them.";
            if (option is not IEarlierOption earlier || !written.Contains(option.Name))
                continue;
            foreach (var other in earlier.StandsFor.Where(other => parsed.GetResult(other) is { Implicit: false }))
                yield return $"{option.Name} and {other.Name} set the same thing. Give one of them.";
        }
    }

    /// <summary>A message with the names that the caller wrote.</summary>
    public static string AsWritten(ParseResult parsed, string message)
    {
        var written = OptionTokens(parsed);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in parsed.CommandResult.Command.Options)
        {
            if (!written.Contains(option.Name) && option.Aliases.FirstOrDefault(written.Contains) is { } earlier)
                names[option.Name] = earlier;
            if (option is IEarlierOption stand && written.Contains(option.Name))
            {
                foreach (var present in stand.StandsFor.Where(present => !written.Contains(present.Name)))
                    names.TryAdd(present.Name, option.Name);
            }
        }

        return names.Count == 0 ? message : OptionName().Replace(message, match => names.GetValueOrDefault(match.Value, match.Value));
    }

    private static HashSet<string> OptionTokens(ParseResult parsed) =>
        parsed.Tokens.Where(token => token.Type == TokenType.Option).Select(token => token.Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex("(?<![a-z0-9-])--[a-z][a-z0-9-]*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OptionName();
}
