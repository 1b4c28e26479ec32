using System.Text.RegularExpressions;

namespace MlNetBert.Text.Corpora;

/// <summary>Escapes of JSON that stand for half of a surrogate pair.</summary>
internal static partial class JsonSurrogates
{
    /// <summary>Replaces them by U+FFFD and counts them; whole pairs and other escapes stay.</summary>
    public static string Replace(string line, CorpusStatistics statistics) => Escapes().Replace(line, match =>
    {
        if (!match.Groups["half"].Success)
            return match.Value;
        statistics.AddInvalidSequence();
        return @"\ufffd";
    });

    /// <summary>
    /// A pair, half of one, or any other escape, so that the second backslash of one is not taken for the first of another.
    /// </summary>
    [GeneratedRegex(
        @"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
        RegexOptions.CultureInvariant)]
    private static partial Regex Escapes();
}
