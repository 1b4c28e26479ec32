using System.Text.Json.Nodes;
using MlNetBert.Tests.Common;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Tests.Support;

namespace MlNetBert.Training.Tests.Checkpoints;

/// <summary>A state that no run can have left is refused before anything is made of it.</summary>
public sealed class TrainerStateTests : IDisposable
{
    private static readonly TrainerState Whole = new()
    {
        Step = 8,
        Updates = 7,
        Tokens = 900,
        ElapsedSeconds = 1.5,
        MicroBatchSize = 4,
        SkippedSteps = 1,
        LastGoodLoss = 4.2,
        WindowLoss = 12.5,
        WindowTargets = 3,
        Best = new EvaluationResult(4, 0.25, 40),
        Last = new EvaluationResult(double.MaxValue, 0, 40),
        BestStep = 6,
        EvaluationsSinceBest = 1,
        History =
        [
            new TrainingHistoryRow(2, 0.5, 0.1, trainingLoss: 5, learningRate: 1e-3, gradientNorm: 2, tokensPerSecond: 100),
            new TrainingHistoryRow(8, 2, 1.4, evaluationLoss: 800, evaluationPerplexity: 1e300, evaluationAccuracy: 0, metrics: new Dictionary<string, double> { ["r"] = -0.5 }),
        ],
    };

    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string, string> Impossible => new()
    {
        { "Version", "0" }, { "Step", "-5" }, { "Updates", "-1" }, { "Updates", "9" }, { "Updates", "8" }, { "Tokens", "-1" }, { "ElapsedSeconds", "1e300" }, { "ElapsedSeconds", "\"NaN\"" }, { "ElapsedSeconds", "-1" },
        { "MicroBatchSize", "0" }, { "MicroBatchSize", "-1" }, { "SkippedSteps", "-1" }, { "SkippedSteps", "9" }, { "LastGoodLoss", "\"NaN\"" }, { "WindowLoss", "\"Infinity\"" }, { "WindowLoss", "\"NaN\"" },
        { "WindowTargets", "-1" }, { "WindowTargets", "9223372036854775807" }, { "Tokens", "9223372036854775807" }, { "WindowTargets", "0" }, { "Best", "null" }, { "Last", "null" }, { "BestStep", "0" }, { "BestStep", "9" }, { "BestStep", "-1" }, { "EvaluationsSinceBest", "-1" },
        { "EvaluationsSinceBest", "9" }, { "History", "null" }, { "History", "[null]" }, { "History", "{}" }, { "Step", "\"8\"" }, { "Step", "null" }, { "Step", "1e30" }, { "Step", "2.5" }, { "MicroBatchSize", "2147483648" },
        { "Best", """{"Loss":"NaN","Accuracy":0.5,"Targets":1}""" }, { "Best", """{"Loss":1,"Accuracy":2,"Targets":1}""" }, { "Best", """{"Loss":1,"Accuracy":0,"Targets":-1}""" },
        { "History", """[{"Step":9,"Epoch":1,"Seconds":1}]""" }, { "History", """[{"Step":1,"Epoch":-1,"Seconds":1}]""" }, { "History", """[{"Step":1,"Epoch":1,"Seconds":1e200}]""" },
        { "History", """[{"Step":1,"Epoch":1,"Seconds":1,"Loss":"NaN"}]""" }, { "History", """[{"Step":1,"Epoch":1,"Seconds":1,"ProbeAccuracy":7}]""" },
    };

    [Fact]
    public void Load_WholeState_IsTheOneThatWasSaved()
    {
        Whole.Save(_directory.Path);

        var loaded = TrainerState.Load(_directory.Path);

        Assert.Equal(Whole.History, loaded.History);
        Assert.Equal(Whole with { History = [] }, loaded with { History = [] });
    }

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Load_ImpossibleValue_IsRefusedWithItsName(string member, string value)
    {
        Change(member, JsonNode.Parse(value));

        var exception = Assert.Throws<CheckpointException>(() => TrainerState.Load(_directory.Path));

        Assert.StartsWith($"{_directory.Path}: expected a trainer state in trainer/state.json, found ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", exception.Message, StringComparison.Ordinal);
        Assert.Contains(member is "WindowTargets" && value == "0" ? "WindowLoss" : member is "Best" && value == "null" ? "BestStep" : member, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnyMemberMissing_IsRefused()
    {
        Whole.Save(_directory.Path);
        foreach (var member in Members().Select(m => m.Key).ToList())
        {
            Whole.Save(_directory.Path);
            var state = Members();
            state.Remove(member);
            File.WriteAllText(StatePath, state.ToJsonString());

            var exception = Assert.Throws<CheckpointException>(() => TrainerState.Load(_directory.Path));
            Assert.Contains("expected a trainer state in trainer/state.json, found ", exception.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Whatever stands in the place of any value: the state is refused in words, or a run goes on from it and ends.</summary>
    [Fact]
    public void Load_AnythingInThePlaceOfAnyValue_IsRefusedOrUsable()
    {
        string[] values = ["null", "0", "-1", "1", "1e300", "-1e300", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "\"\"", "[]", "[null]", "{}", "true", "9223372036854775807", "2147483647", "0.5"];
        Whole.Save(_directory.Path);
        var text = File.ReadAllText(StatePath);
        var refused = 0;
        foreach (var path in Leaves(JsonNode.Parse(text)!))
        {
            foreach (var value in values)
            {
                var state = JsonNode.Parse(text)!;
                Replace(state, path, JsonNode.Parse(value));
                File.WriteAllText(StatePath, state.ToJsonString());
                try
                {
                    var loaded = TrainerState.Load(_directory.Path);
                    Assert.Empty(TrainerStateFaults.Of(loaded));
                    Assert.True(loaded.MicroBatchSize >= 1 && loaded.Step >= 0 && TimeSpan.FromSeconds(loaded.ElapsedSeconds) >= TimeSpan.Zero && loaded.History.All(row => row is not null));
                }
                catch (CheckpointException e)
                {
                    refused++;
                    Assert.Contains("expected a trainer state", e.Message, StringComparison.Ordinal);
                }
            }
        }

        Assert.True(refused > 200, $"{refused} were refused.");
    }

    [Theory]
    [InlineData("MicroBatchSize", "0")]
    [InlineData("Step", "3")]
    public void Run_StateWithImpossibleValueAndAManifestThatFits_IsRefused(string member, string value)
    {
        var run = new MlmRun(_directory.File("run"));
        run.RunUntil(4);
        var checkpoint = run.Store.FindNewest()!;
        var path = Path.Combine(checkpoint, "trainer", "state.json");
        var state = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        state[member] = JsonNode.Parse(value);
        File.WriteAllText(path, state.ToJsonString());
        File.Delete(Path.Combine(checkpoint, CheckpointManifest.FileName));
        CheckpointManifest.Write(checkpoint);

        Assert.Contains("expected a trainer state in trainer/state.json", Assert.Throws<CheckpointException>(() => run.Run()).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private string StatePath => Path.Combine(_directory.Path, "trainer", "state.json");

    private JsonObject Members() => JsonNode.Parse(File.ReadAllText(StatePath))!.AsObject();

    private void Change(string member, JsonNode? value)
    {
        Whole.Save(_directory.Path);
        var state = Members();
        state[member] = value;
        File.WriteAllText(StatePath, state.ToJsonString());
    }

    private static IEnumerable<object[]> Leaves(JsonNode node, params object[] above) => node switch
    {
        JsonObject members => members.ToList().SelectMany(m => Leaves(m.Value!, [.. above, m.Key]).Prepend([.. above, m.Key])),
        JsonArray items => items.ToList().SelectMany((item, i) => Leaves(item!, [.. above, i]).Prepend([.. above, i])),
        _ => [],
    };

    private static void Replace(JsonNode root, object[] path, JsonNode? value)
    {
        var parent = path[..^1].Aggregate(root, (node, key) => key is string name ? node[name]! : node[(int)key]!);
        if (path[^1] is string last)
            parent[last] = value;
        else
            parent[(int)path[^1]] = value;
    }
}
