using System.CommandLine;
using System.Text.RegularExpressions;
using MlNetBert.Cli.Output;
using MlNetBert.HuggingFace;

namespace MlNetBert.Cli.Parsing;

/// <summary>Says what is wrong with the arguments, and the nearest right option or verb.</summary>
internal static partial class UsageErrors
{
    /// <summary>Writes what is wrong.</summary>
    /// <returns>The exit code.</returns>
    public static int Tell(ParseResult parsed, IEnumerable<string> messages, TextWriter error)
    {
        var command = parsed.CommandResult.Command;
        var name = command is Verb ? $"mlnet-bert {command.Name}" : "mlnet-bert";
        foreach (var message in messages.Distinct(StringComparer.Ordinal))
            error.WriteLine($"{name}: {Safe.Message(EarlierNames.AsWritten(parsed, message))}");
        error.WriteLine($"`{name} --help` shows what there is.");
        return ExitCodes.WrongArguments;
    }

    /// <summary>What the parser found wrong.</summary>
    public static IEnumerable<string> Messages(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;

        // What follows from a word that was not understood would only hide it.
        var unknown = parsed.UnmatchedTokens.ToList();
        foreach (var token in unknown)
            yield return Unknown(command, token);
        if (unknown.Count > 0)
            yield break;
        foreach (var error in parsed.Errors)
            yield return ClrType().Replace(error.Message, match =>
                match.Groups["type"].Value is "Int32" or "Int64" ? "as a whole number." : "as a number.");
    }

    /// <summary>Names an option or verb that does not exist, and the nearest one that does.</summary>
    public static string Unknown(Command command, string token)
    {
        var isOption = token.StartsWith('-');
        var what = isOption ? "option" : command is Verb ? "argument" : "verb";
        var names = isOption
            ? command.Options
                .Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)))
                .SelectMany(option => option.Aliases.Append(option.Name))
            : command.Subcommands.Select(verb => verb.Name);
        var nearest = NearestName.Of(token.Split('=')[0], names) is { } name ? EarlierNames.Present(command, name) : null;
        return nearest is null ? $"there is no {what} '{token}' here." : $"there is no {what} '{token}' here. Did you mean {nearest}?";
    }

    [GeneratedRegex(
        @"as expected type 'System\.(Nullable`1\[System\.)?(?<type>\w+)\]?'\.",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ClrType();
}
