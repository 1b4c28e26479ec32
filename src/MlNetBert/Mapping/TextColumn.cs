using System.Globalization;
using Microsoft.ML;

namespace MlNetBert.Mapping;

/// <summary>Reads texts, refusing those that are not valid UTF-16 with the column and the row.</summary>
internal static class TextColumn
{
    /// <summary>The text of the row that <paramref name="row"/> stands at; a missing one is empty.</summary>
    /// <exception cref="InvalidTextException">The returned function throws it where <paramref name="handling"/> refuses the
    /// text.</exception>
    public static Func<ReadOnlyMemory<char>> Reader(DataViewRow row, DataViewSchema.Column column, InvalidTextHandling handling)
    {
        var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            if (handling == InvalidTextHandling.Throw)
                Check(value.Span, column.Name, row.Position);
            return value;
        };
    }

    /// <summary>The same, as a string that outlives the row.</summary>
    /// <exception cref="InvalidTextException">The returned function throws it where <paramref name="handling"/> refuses the
    /// text.</exception>
    public static Func<string> StringReader(DataViewRow row, DataViewSchema.Column column, InvalidTextHandling handling)
    {
        var read = Reader(row, column, handling);
        return () => read().ToString();
    }

    /// <summary>Refuses a text that is not valid UTF-16.</summary>
    /// <exception cref="InvalidTextException">It is not.</exception>
    public static void Check(ReadOnlySpan<char> text, string column, long row)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i..].IndexOfAnyInRange('\uD800', '\uDFFF');
            if (next < 0)
                return;
            i += next;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new InvalidTextException(i, text[i],
                    string.Create(CultureInfo.InvariantCulture, $"Column '{column}': the text of row {row} (from 0)"));
            i++;
        }
    }
}
