using System.Text.Json;

namespace MlNetBert.Text.Corpora;

/// <summary>JSON lines: an object a line, the text in one of its members, which may be nested.</summary>
internal sealed class JsonLinesReader : ICorpusReader
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public IReadOnlyList<string> Extensions { get; } = [".jsonl"];

    public IEnumerable<string> Read(string path, CorpusOptions options, CorpusStatistics statistics)
    {
        using var lines = new LineReader(path, options, statistics);
        while (lines.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
                yield return ReadText(line, options, statistics, path, lines.Line);
        }
    }

    private static string ReadText(string line, CorpusOptions options, CorpusStatistics statistics, string path, long number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Strict);
            return TextOf(document.RootElement, options.Column, path, number);
        }
        catch (JsonException exception) when (IsJson(line))
        {
            throw new CorpusException(path, number,
                "an object of the line has two members of one name, so that it is not clear which one counts. Correct the line.",
                exception);
        }
        catch (JsonException exception)
        {
            throw new CorpusException(path, number, $"the line must be valid JSON, but is not: {exception.Message} Correct the line.",
                exception);
        }
        catch (InvalidOperationException exception)
        {
            if (options.InvalidUtf8 == InvalidUtf8Handling.Replace && JsonSurrogates.Replace(line, statistics) is var whole
                && whole != line)
                return ReadText(whole, options, statistics, path, number);
            throw new CorpusException(
                path,
                number,
                @"a string of the line holds half of a surrogate pair (an escape \ud800 to \udfff without its partner). Correct the line, "
                    + "or set CorpusOptions.InvalidUtf8 = Replace to read U+FFFD there.",
                exception);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw new CorpusException(path, number, "the line is too long to be read as JSON. Break its text into several lines.",
                exception);
        }
    }

    /// <summary>Whether a line is JSON where names may be repeated.</summary>
    private static bool IsJson(string line)
    {
        try
        {
            JsonDocument.Parse(line).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string TextOf(JsonElement root, string? column, string path, long number)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new CorpusException(path, number, $"the line must be a JSON object, but is {root.ValueKind}. Correct the line.");
        string There() => string.Join(", ", root.EnumerateObject().Select(member => $"'{member.Name}'"));
        if (column is null)
            throw new CorpusException(path, number,
                $"the objects have the members {There()}: say which one holds the text (CorpusOptions.Column).");
        if (!TryFind(root, column, out JsonElement value))
            throw new CorpusException(path, number,
                $"the object must have a member '{column}', but has {There()}. Name one of these (CorpusOptions.Column; dots "
                    + "lead into nested objects).");
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Null => string.Empty,
            _ => throw new CorpusException(path, number,
                $"the member '{column}' must be a string, but is {value.ValueKind}. Correct the line, or name another "
                    + "member (CorpusOptions.Column)."),
        };
    }

    private static bool TryFind(JsonElement root, string column, out JsonElement value)
    {
        if (root.TryGetProperty(column, out value))
            return true;
        value = root;
        foreach (string part in column.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
                return false;
        }

        return true;
    }
}
