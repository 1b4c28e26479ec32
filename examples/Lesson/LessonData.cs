using Examples.Common;
using Quickstart;

namespace Lesson;

/// <summary>The lines to learn from and the lines to measure on.</summary>
/// <param name="Name">Where they are from.</param>
/// <param name="Training">Lines to learn from; empty ones count.</param>
/// <param name="Evaluation">Lines to measure on.</param>
public sealed record LessonData(string Name, IReadOnlyList<string> Training, IReadOnlyList<string> Evaluation)
{
    /// <summary>A file split 80 / 20; else WikiText-2, its test part to learn from and its validation part to measure on; else generated sentences, split 80 / 20.</summary>
    /// <param name="file">A text file; null for none.</param>
    public static LessonData Load(string? file)
    {
        if (file is not null)
            return Split(file, File.ReadAllLines(file));
        if (Shared("wikitext-2-test.txt") is { } test && Shared("wikitext-2-valid.txt") is { } valid)
            return new LessonData("WikiText-2, test to learn from and valid to measure on", File.ReadAllLines(test), File.ReadAllLines(valid));
        return Split("generated sentences (WikiText-2 is not in ../shared/data)", new Corpus().Sentences);
    }

    /// <summary>A file of ../shared/data, beside the repository; null where it is not there.</summary>
    public static string? Shared(string name) => SharedFolder.Find("data", name);

    private static LessonData Split(string name, IReadOnlyList<string> lines)
    {
        var training = lines.Count * 8 / 10;
        return new LessonData(name, [.. lines.Take(training)], [.. lines.Skip(training)]);
    }
}
