using System.Text.RegularExpressions;

namespace Quickstart;

/// <summary>A sentence with a gap, and the words that fill it rightly.</summary>
/// <param name="Text">The sentence, with [MASK] in the place of one word.</param>
/// <param name="Answers">The right words.</param>
public sealed record Question(string Text, IReadOnlyList<string> Answers)
{
    /// <summary>The six questions, read from Facts/questions.txt.</summary>
    public static IReadOnlyList<Question> All { get; } =
    [
        .. FactTable.EmbeddedLines("questions").Skip(1)
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => new Question(cells[0], cells[1].Split(' '))),
    ];

    /// <summary>Whether a sentence is this one with any word in the gap.</summary>
    public bool IsAnsweredBy(string sentence) =>
        Regex.IsMatch(sentence, "^" + Regex.Escape(Text).Replace(@"\[MASK]", @"\w+", StringComparison.Ordinal) + "$", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
}
