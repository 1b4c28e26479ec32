using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Training.Objectives;
using MlNetBert.Training.Objectives.Mlm;
using MlNetBert.Training.Optimizers;
using MlNetBert.Training.Schedules;
using MlNetBert.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Optimizers;

/// <summary>This project's objective, AdamW and schedule against twenty steps of Hugging Face's (the golden beside the models' tests, and its note).</summary>
public sealed class TrajectoryTests
{
    private const int Ignored = -100;

    private static readonly string Golden = Path.Combine(FindRoot(), "tests", "MlNetBert.Models.Tests", "Goldens", "trajectory");

    private static readonly JsonNode Expected = JsonNode.Parse(File.ReadAllText(Path.Combine(Golden, "trajectory.json")))!;

    [Fact]
    public void Schedule_TwentySteps_HasHuggingFacesLearningRates()
    {
        var schedule = new Schedule(LearningRateSchedule.Linear, Expected["optimizer"]!["lr"]!.GetValue<double>(), 0, (int)Expected["schedule"]!["warmup_steps"]!.GetValue<double>());

        foreach (var step in Expected["steps"]!.AsArray())
            Assert.Equal(step!["learning_rate"]!.GetValue<double>(), schedule.At(step["step"]!.GetValue<int>() - 1, 20), 1e-12);
    }

    [Fact]
    public void ObjectiveAndAdamW_TwentySteps_FollowHuggingFace()
    {
        using var scope = NewDisposeScope();
        var start = ModelDirectory.Open(Path.Combine(Golden, "start"));
        var config = ModelArchitecture.ReadConfig(start.ConfigPath);
        using var weights = start.OpenWeights();
        using var model = (MaskedLanguageModel)ModelArchitecture.Of(config).Load(ModelHead.MaskedLanguageModel, config, weights, out _);
        model.train();
        using var batches = CheckpointWeights.FromFile(Path.Combine(Golden, "batches.safetensors"));
        var (ids, labels) = (Weights.ReadTensor(batches, "input_ids"), Weights.ReadTensor(batches, "labels"));
        var settings = Expected["optimizer"]!;
        using var optimizer = new AdamW(
            model.TrainableParameters(),
            new AdamWSettings(0.9, 0.999, settings["eps"]!.GetValue<double>(), settings["weight_decay"]!.GetValue<double>(), Expected["max_grad_norm"]!.GetValue<double>()));
        var objective = new MlmObjective(model, TinyMlm.Blocks(1), TinyMlm.Masking());

        foreach (var step in Expected["steps"]!.AsArray())
        {
            var index = step!["step"]!.GetValue<int>() - 1;
            var micro = Enumerable.Range(0, (int)ids.shape[1]).Select(m => Batch(ids[index, m], labels[index, m])).ToList();
            var targets = micro.Sum(b => b.TargetCounts[0]);
            double loss = 0;
            foreach (var batch in micro)
            {
                using var inner = NewDisposeScope();
                var part = objective.ComputeLosses(batch, 0)[0].Sum.div(targets);
                model.Backward(part);
                loss += part.ToSingle();
            }

            var norm = optimizer.Step(step["learning_rate"]!.GetValue<double>()).ToSingle();
            Assert.Equal(step["loss"]!.GetValue<double>(), loss, 1e-4);
            Assert.Equal(step["grad_norm"]!.GetValue<double>(), norm, 1e-4);
        }

        using var end = CheckpointWeights.FromFile(Path.Combine(Golden, "end", "model.safetensors"));
        using var guard = no_grad();
        foreach (var weight in model.CheckpointWeights())
            Assert.True(weight.Slice().sub(Weights.ReadTensor(end, weight.Name)).abs().max().item<float>() <= 1e-4, weight.Name);
    }

    private static CorruptedBatch Batch(Tensor ids, Tensor labels)
    {
        var (rows, length) = ((int)ids.shape[0], (int)ids.shape[1]);
        var flat = Integers(labels);
        int[] positions = [.. Enumerable.Range(0, flat.Length).Where(i => flat[i] != Ignored)];
        return new CorruptedBatch
        {
            Examples = [],
            InputIds = Integers(ids),
            Rows = rows,
            Length = length,
            Lengths = null,
            Positions = positions,
            Labels = [.. positions.Select(p => flat[p])],
            TargetCounts = [positions.Length],
            Tokens = flat.Length,
        };
    }

    private static int[] Integers(Tensor tensor) => [.. tensor.to(ScalarType.Int64).reshape(-1).data<long>().ToArray().Select(v => (int)v)];

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MlNetBert.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("MlNetBert.sln is not above the test assembly.");
    }
}
