using System.Text.RegularExpressions;

namespace MlNetBert.Cli.Parsing;

/// <summary>
/// Says the library's messages in the shell's words. The library writes an option as <c>CorpusOptions.Column</c>, or with a value as
/// <c>CorpusOptions.InvalidUtf8 = Replace</c>; whoever called a verb reads <c>--column</c> and <c>--invalid-utf8 replace</c>. An option is
/// found by the table, or by its name; what the verb does not have stays as it is.
/// </summary>
internal static partial class OptionNames
{
    /// <summary>Members whose options have another name.</summary>
    private static readonly Dictionary<string, string> Table = new(StringComparer.Ordinal)
    {
        ["EndTokenIds"] = "--end",
        ["EvaluationFiles"] = "--eval-data",
        ["OutputDirectory"] = "--output",
        ["StopTexts"] = "--stop",
        ["TrainingFiles"] = "--data",
        ["VocabularyFile"] = "--tokenizer",
    };

    /// <summary>What helps where the verb that failed has no such option.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["AllowMissing"] = "pretrain --base-model MODEL --allow-missing",
        ["Offline"] = "HF_HUB_OFFLINE=0",
    };

    /// <summary>Values that the shell calls otherwise than by the words of their names.</summary>
    private static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["BFloat16"] = "bf16",
        ["ConcatenateBlocks"] = "concatenate-blocks",
        ["ConcatenateDocuments"] = "concatenate-documents",
        ["Float32"] = "fp32",
        ["InverseSquareRoot"] = "inverse-square-root",
        ["OneDocumentPerBlock"] = "one-document-per-block",
        ["TokenizerJson"] = "tokenizer.json",
    };

    /// <summary>A message with the verb's options instead of the library's.</summary>
    /// <param name="message">The message.</param>
    /// <param name="options">The options of the verb.</param>
    public static string InMessage(string message, IReadOnlyCollection<string> options)
    {
        var qualified = Mention().Replace(message, match => Of(match.Groups["member"].Value, options) is { } option
            ? option + Value(match.Groups["value"])
            : Elsewhere.GetValueOrDefault(match.Groups["member"].Value, match.Value));
        var all = Bare().Replace(qualified, match => Of(match.Value, options) ?? Values.GetValueOrDefault(match.Value, match.Value));
        return Twice().Replace(all, "${option}");
    }

    /// <summary>The option that sets a property; null where the verb has none.</summary>
    /// <param name="property">The property.</param>
    /// <param name="options">The options of the verb.</param>
    public static string? Of(string property, IReadOnlyCollection<string> options)
    {
        if (Table.TryGetValue(property, out var named) && options.Contains(named))
            return named;
        var name = "--" + Kebab(property);
        var shorter = name.Replace("evaluation", "eval", StringComparison.Ordinal).Replace("evaluate", "eval", StringComparison.Ordinal);
        return options.FirstOrDefault(option => option == name || option == shorter);
    }

    private static string Value(Group value) =>
        value.Value switch { "" => "", var name => " " + Values.GetValueOrDefault(name, Kebab(name)) };

    private static string Kebab(string name) =>
        WordStart().Replace(name, match => (match.Index > 0 ? "-" : "") + char.ToLowerInvariant(match.Value[0]));

    [GeneratedRegex(
        @"\b(?<type>[A-Z]\w*Options)\.(?<member>[A-Z]\w*)( = (?<value>[A-Z]\w*|true|false))?",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mention();

    // A property by itself, of at least two words; no part of a path, a quotation or an expression.
    [GeneratedRegex(
        @"(?<![\w./\\'""«(-])[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+(?![\w/\\'""(<»-]|\.\w)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Bare();

    // Two classes of the library may be one option here.
    [GeneratedRegex(
        @"(?<option>--[a-z-]+( [a-z-]+)?) or \k<option>(?![\w-])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Twice();

    [GeneratedRegex("[A-Z]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordStart();
}
