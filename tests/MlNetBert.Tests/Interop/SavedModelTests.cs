using Microsoft.ML;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Interop;

/// <summary>What earlier commits saved opens, under the column names that it was saved with, and computes what it computed then.</summary>
public class SavedModelTests
{
    public static TheoryData<string, string> Zips
    {
        get
        {
            var zips = new TheoryData<string, string>();
            foreach (var commit in SavedModels.Commits)
            {
                foreach (var zip in Directory.EnumerateFiles(SavedModels.At(commit), "*.zip").Order(StringComparer.Ordinal))
                    zips.Add(commit, Path.GetFileName(zip));
            }

            return zips;
        }
    }

    public static TheoryData<string, string> Directories => new(SavedModels.Commits.SelectMany(c => new[] { (c, "bert"), (c, "modernbert") }));

    [Theory]
    [MemberData(nameof(Zips))]
    public void Load_AZipOfAnEarlierCommit_GivesItsColumnsAndValues(string commit, string name)
    {
        var ml = new MLContext(1);
        var expected = SavedModels.Expected(commit)[name]!;
        var rows = SavedRows.View(ml, name, expected["rows"]!);
        var model = ml.Model.Load(SavedModels.At(commit, name), out _);
        try
        {
            SavedModels.AssertEqual(expected["outputs"], ViewColumns.Read(model.Transform(rows), rows.Schema), name);
        }
        finally
        {
            (model as IDisposable)?.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Directories))]
    public void EmbedText_WithADirectoryOfAnEarlierCommit_GivesItsVectors(string commit, string name)
    {
        var ml = new MLContext(1);
        var expected = SavedModels.Expected(commit)[name]!;
        var rows = SavedRows.View(ml, name, expected["rows"]!);
        using var model = PretrainedModel.FromDirectory(SavedModels.At(commit, name));
        var vectors = ml.Transforms.Text.EmbedText("Features", "Text", model).Fit(rows).Transform(rows);
        SavedModels.AssertEqual(expected["outputs"], ViewColumns.Read(vectors, rows.Schema), name);
    }
}
