using MlNetBert.HuggingFace;
using MlNetBert.Models.Generation;
using MlNetBert.Tests.Common;
using TorchSharp;

namespace MlNetBert.Models.Tests.Generation;

/// <summary>What models write that were saved, in a process that knows nothing else of them.</summary>
public class SavedGenerationTests
{
    public static TheoryData<string> Architectures =>
        [.. OwnArchitectures.ClassesWith(ModelHead.CausalLanguageModel).Concat(OwnArchitectures.ClassesWith(ModelHead.SequenceToSequence)).Select(row => row.Data.Item1)];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void SaveDirectory_OpenedInAFreshProcess_WritesTheSameTokens(string name)
    {
        using var directory = new TemporaryDirectory();
        string expected;
        var architecture = ModelArchitecture.Get(name);
        var config = TestModels.TinyConfig(name) with { InitializerRange = 0.2 };
        using (var model = architecture.Create(architecture.VocabularyHead, config, seed: 3))
        {
            model.eval();
            Weights.SaveDirectory(model, directory.Path);
            expected = Write(model);
        }

        var child = ChildProcess.Run(OpenAndWrite, directory.Path);

        Assert.True(child.ExitCode == 0, child.Error);
        Assert.Equal(expected, child.Result);
        Assert.True(expected.Split(' ').Distinct().Count() > 1, expected);
    }

    private static string OpenAndWrite(string path)
    {
        var directory = ModelDirectory.Open(path);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        using var weights = directory.OpenWeights();
        var architecture = ModelArchitecture.Of(config);
        using var model = architecture.Load(architecture.ClassOf(config, weights, out var guess), config, weights, out var report);
        Assert.Null(guess);
        Assert.True(report.IsComplete);
        return Write(model);
    }

    // Two prompts of unequal length, greedily and by beams.
    private static string Write(LanguageModelModule network)
    {
        var model = (IGenerativeModel)network;
        int[][] prompts = [[7, 21, 9, 33], [12, 40]];
        List<TextSearch> searches = [];
        foreach (var strategy in (DecodingStrategy[])[new Sampling(), new BeamSearch(3)])
        {
            var begun = prompts.Select((prompt, row) => strategy.Begin(row, model.DecoderStart is { } start ? [start] : prompt, 8)).ToList();
            using var batch = new GenerationRun(model, prompts, begun, padding: 0, ComputePrecision.Float32, torch.CPU);
            while (batch.Step())
            {
            }

            searches.AddRange(begun.SelectMany(ofText => ofText));
        }

        return string.Join(' ', searches.SelectMany(search => search.Results[0].Ids));
    }
}
