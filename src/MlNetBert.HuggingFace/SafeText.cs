using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MlNetBert.HuggingFace;

/// <summary>
/// Text from files, servers and settings as it may be shown: without what gives access, and without what steers a terminal. All members are
/// safe to call from any thread.
/// </summary>
internal static partial class SafeText
{
    /// <summary>
    /// Takes the user, the password and the query out of every address in a text: <c>https://user:password@host/path?token=x</c> becomes
    /// <c>https://host/path</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>The text without them.</returns>
    public static string WithoutSecrets(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains("://", StringComparison.Ordinal) ? Query().Replace(User().Replace(text, ""), "${address}") : text;
    }

    /// <summary>
    /// Writes control characters so that they can be seen (<c>\u001b</c>): those of ASCII and of Unicode but for line feeds and tabs, and
    /// those that turn the direction of what follows. A terminal then shows a text and does not follow it.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>The text with escapes; the same object where there are none.</returns>
    public static string WithoutControls(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Any(Steers))
            return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (Steers(character))
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                shown.Append(character);
        }

        return shown.ToString();
    }

    private static bool Steers(char character) =>
        (char.IsControl(character) && character is not ('\n' or '\t'))
            || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';

    [GeneratedRegex(@"(?<=[A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#'""<>]*@", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex User();

    [GeneratedRegex(
        @"(?<address>\b[A-Za-z][A-Za-z0-9+.-]*://[^\s?#'""<>]*)\?[^\s'""<>]*", RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Query();
}
