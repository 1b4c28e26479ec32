using System.Text.Json;
using MlNetBert.HuggingFace;
using MlNetBert.Models.Generation;
using TorchSharp;

namespace MlNetBert.Models.Tests.Generation;

/// <summary>What transformers' generate gives for small models (../shared/golden/models/generation.json), token for token.</summary>
public class GenerateReferenceTests
{
    private const int NewTokens = 12;

    // What generation.json calls a run, and how it was made (golden README).
    private static readonly Dictionary<string, Func<int, DecodingStrategy>> Runs = new(StringComparer.Ordinal)
    {
        ["greedy"] = _ => new Sampling(),
        ["greedy_repetition_1.3"] = _ => new Sampling { Processors = [new RepetitionPenalty(1.3)] },
        ["greedy_no_repeat_2"] = _ => new Sampling { Processors = [new NoRepeatNgrams(2)] },
        ["beam4"] = _ => new BeamSearch(4),
        ["beam3_length_0.6_return3"] = _ => new BeamSearch(3) { LengthPenalty = 0.6, Results = 3 },
        ["greedy_with_eos"] = eos => new Sampling { EndTokens = new HashSet<int> { eos } },
        ["beam4_with_eos"] = eos => new BeamSearch(4) { EndTokens = new HashSet<int> { eos } },
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var name in ReferenceModels())
            {
                foreach (var run in Runs.Keys)
                    cases.Add(name, run);
            }

            return cases;
        }
    }

    [Fact]
    public void References_OfGeneration_AreOfArchitecturesThatAreHere()
    {
        _ = TestPaths.Shared("golden", "models", "generation.json");
        Assert.NotEmpty(ReferenceModels());
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Generate_ReferencePrompts_EqualsTransformers(string name, string run)
    {
        var reference = Reference(name);
        using var network = References.Load(name);
        network.eval();
        var model = (IGenerativeModel)network;
        var (prompts, masks, expected) = (Rows(reference, "input_ids"), Rows(reference, "attention_mask"), Rows(reference, run));
        var strategy = Runs[run](reference.GetProperty("eos").GetInt32());
        var searches = prompts.Select((prompt, row) => strategy.Begin(row, model.DecoderStart is { } start ? [start] : prompt, NewTokens)).ToList();

        using (var batch = new GenerationRun(model, [.. prompts.Zip(masks, Unpadded)], searches, padding: 0, ComputePrecision.Float32, torch.CPU))
        {
            while (batch.Step())
            {
            }
        }

        var found = searches.SelectMany(search => search[0].Results).Select(result => result.Ids).ToList();
        Assert.Equal(expected.Length, found.Count);
        for (var i = 0; i < expected.Length; i++)
        {
            var row = i / strategy.Results;
            var wanted = expected[i][(model.DecoderStart is null ? prompts[row].Length : 1)..];
            if (!HoldsNaN(name, masks[row]))
                Assert.Equal(wanted.Take(found[i].Count).Concat(wanted.Skip(found[i].Count).Select(_ => 0)), found[i].Concat(wanted.Skip(found[i].Count).Select(_ => 0)));
            if (!strategy.EndTokens.Contains(found[i][^1]))
                Assert.Equal(NewTokens, found[i].Count);
        }
    }

    // transformers' attention of Llama and Mistral gives NaN in rows that are padded on the left, whose reference is then no text: 0, 0, 0 …
    private static bool HoldsNaN(string name, int[] mask) => mask[0] == 0 && name.Split('-')[0] is "llama" or "mistral";

    private static int[] Unpadded(int[] ids, int[] mask) => [.. ids.Zip(mask).Where(pair => pair.Second != 0).Select(pair => pair.First)];

    private static int[][] Rows(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray())];

    private static JsonElement Reference(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestPaths.Shared("golden", "models", "generation.json")));
        return json.RootElement.GetProperty("generate").GetProperty(name).Clone();
    }

    private static List<string> ReferenceModels()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestPaths.Shared("golden", "models", "generation.json")));
        return [.. json.RootElement.GetProperty("generate").EnumerateObject().Select(member => member.Name).Where(IsHere)];

        static bool IsHere(string name)
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(References.PathOf(name, ModelFiles.Config)));
            var type = config.RootElement.GetProperty("model_type").GetString();
            return ModelArchitecture.All.Any(architecture => architecture.ModelType == type);
        }
    }
}
