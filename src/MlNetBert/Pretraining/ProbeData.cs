using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.Mapping;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Pretraining;

/// <summary>Labeled texts, split once.</summary>
/// <param name="Training">What is learnt from; labels are classes from 0.</param>
/// <param name="Test">What is measured on.</param>
internal sealed record ProbeData(List<(string Text, int Label)> Training, List<(string Text, int Label)> Test)
{
    /// <summary>
    /// Reads and splits rows, each class by itself, so that both parts have its share; a class of one row is learnt from.
    /// </summary>
    /// <exception cref="InvalidDataException">There are too few classes or rows.</exception>
    public static ProbeData Read(IDataView rows, string text, string label, double testShare, int seed)
    {
        var classes = ReadRows(rows, text, label)
            .GroupBy(row => row.Key, row => row.Text)
            .OrderBy(group => group.Key)
            .Select(group => group.ToList())
            .ToList();
        if (classes.Count < 2)
            throw new InvalidDataException(
                $"Column '{label}': expected labels of at least two classes to tell apart, found {classes.Count}. Give "
                    + "rows of other classes too.");
        var (training, test) = (new List<(string, int)>(), new List<(string, int)>());
        for (var c = 0; c < classes.Count; c++)
        {
            var texts = classes[c];
            var held = Math.Min((int)Math.Round(texts.Count * testShare), texts.Count - 1);
            var order = new KeyedPermutation(texts.Count, seed, epoch: c);
            for (var place = 0; place < texts.Count; place++)
                (place < held ? test : training).Add((texts[(int)order[place]], c));
        }

        return test.Count > 0 ? new ProbeData(training, test) : throw new InvalidDataException(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"Column '{label}': expected rows enough to measure on {testShare:0.##} of a class, found {training.Count} rows of "
                + $"{classes.Count} classes. Give more rows or a greater test share."));
    }

    private static List<(uint Key, string Text)> ReadRows(IDataView rows, string text, string label)
    {
        const string Key = "MlNetBert.ProbeLabel";
        var ml = new MLContext(seed: 0);
        // Read once: labels are looked at twice, and the rows may be another's at the second reading.
        var kept = ml.Data.Cache(rows, [.. new[] { text, label }.Distinct(StringComparer.Ordinal)]);
        var keyed = ml.Transforms.Conversion.MapValueToKey(Key, label).Fit(kept).Transform(kept);
        if (keyed.Schema[Key].Type is not KeyDataViewType)
            throw new ArgumentOutOfRangeException("labelColumnName",
                $"Column '{label}' must hold one label a row, but holds {rows.Schema[label].Type}.");
        using var cursor = keyed.GetRowCursor([keyed.Schema[text], keyed.Schema[Key]]);
        var read = TextColumn.StringReader(cursor, keyed.Schema[text], InvalidTextHandling.Replace);
        var getter = cursor.GetGetter<uint>(keyed.Schema[Key]);
        var labeled = new List<(uint, string)>();
        while (cursor.MoveNext())
        {
            uint key = 0;
            getter(ref key);
            if (key > 0)
                labeled.Add((key, read()));
        }

        return labeled;
    }
}
