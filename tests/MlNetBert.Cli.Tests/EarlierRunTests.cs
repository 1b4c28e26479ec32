using System.Text.Json.Nodes;
using MlNetBert.Cli.Tests.Support;
using MlNetBert.Tests.Common;

namespace MlNetBert.Cli.Tests;

/// <summary>What earlier commits left behind goes on: a stopped run is resumed, a directory fills masks.</summary>
public sealed class EarlierRunTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlnetbert-earlier-").FullName;

    public static TheoryData<string> Commits => [.. SavedModels.Commits];

    public static TheoryData<string, string> Directories => new(SavedModels.Commits.SelectMany(c => new[] { (c, "bert"), (c, "modernbert") }));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Commits))]
    public void Pretrain_ResumingARunOfAnEarlierCommit_TakesTheStepsThatItWouldHaveTaken(string commit)
    {
        var expected = SavedModels.Expected(commit)["run"]!;
        Copy(SavedModels.At(commit, "run"), Path.Combine(_directory, "run"));
        Copy(SavedModels.At(commit, "run-input"), _directory);
        string[] files = ["text.txt", "vocab.txt", "config.json"];
        var arguments = expected["arguments"]!.AsArray().Select(a => (string)a!).Select(a => files.Contains(a, StringComparer.Ordinal) ? Path.Combine(_directory, a) : a);

        var result = Tool.Run([.. arguments, Path.Combine(_directory, "run"), "--resume"]).IsDone();

        var losses = result.Objects.Where(o => o.GetProperty("event").GetString() == "step").ToDictionary(o => o.GetProperty("step").GetInt64(), o => o.GetProperty("loss").GetDouble());
        var steps = expected["steps"]!.AsArray();
        Assert.Equal(steps.Select(s => (long)s!["step"]!), losses.Keys);
        Assert.All(steps, s => Assert.Equal((double)s!["loss"]!, losses[(long)s["step"]!], 1e-4));
        Assert.Equal((double)expected["loss"]!, result.Objects[^1].GetProperty("loss").GetDouble(), 1e-4);
        Assert.Contains("Tokenizing", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Directories))]
    public void FillMask_WithADirectoryOfAnEarlierCommit_GivesItsCandidates(string commit, string name)
    {
        var model = SavedModels.Expected(commit)[name]!;
        var text = (string)model["fill_mask"]![0]!["text"]!;

        var found = JsonNode.Parse(Tool.Run("fill-mask", "--model", SavedModels.At(commit, name), "--top", "3", "--json", text).IsDone().Output)!;

        SavedModels.AssertEqual(model["fill_mask"]![0], found, name, mayHaveMore: true);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
