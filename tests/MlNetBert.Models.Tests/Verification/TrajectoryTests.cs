using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Verification;

public sealed class TrajectoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Training_TwentyAdamWSteps_FollowsHuggingFace(bool withKernels)
    {
        using var scope = NewDisposeScope();
        var expected = JsonNode.Parse(File.ReadAllText(TestPaths.Golden("trajectory", "trajectory.json")))!;
        var settings = expected["optimizer"]!;
        using var model = TestModels.LoadMaskedLanguageModel(TestPaths.Golden("trajectory", "start"));
        model.train();
        model.TrainsWithKernels = withKernels;
        using var batches = CheckpointWeights.FromFile(TestPaths.Golden("trajectory", "batches.safetensors"));
        var (ids, labels) = (Weights.ReadTensor(batches, "input_ids"), Weights.ReadTensor(batches, "labels"));

        var parameters = model.TrainableParameters();
        var betas = settings["betas"]!.AsArray();
        TorchSharp.Modules.AdamW.ParamGroup[] groups =
        [
            new(parameters.Where(p => p.Decays).Select(p => p.Parameter), new TorchSharp.Modules.AdamW.Options { weight_decay = settings["weight_decay"]!.GetValue<double>() }),
            new(parameters.Where(p => !p.Decays).Select(p => p.Parameter), new TorchSharp.Modules.AdamW.Options { weight_decay = 0 }),
        ];
        using var optimizer = optim.AdamW(groups, beta1: betas[0]!.GetValue<double>(), beta2: betas[1]!.GetValue<double>(), eps: settings["eps"]!.GetValue<double>());

        foreach (var step in expected["steps"]!.AsArray())
        {
            var index = step!["step"]!.GetValue<int>() - 1;
            var (loss, norm) = Step(model, parameters, optimizer, ids[index], labels[index], step["learning_rate"]!.GetValue<double>());
            Assert.Equal(step["loss"]!.GetValue<double>(), loss, 1e-4);
            Assert.Equal(step["grad_norm"]!.GetValue<double>(), norm, 1e-4);
        }

        using var end = CheckpointWeights.FromFile(TestPaths.Golden("trajectory", "end", "model.safetensors"));
        using var guard = no_grad();
        foreach (var weight in model.CheckpointWeights())
            Assert.True(weight.Slice().sub(Weights.ReadTensor(end, weight.Name)).abs().max().item<float>() <= 1e-4, weight.Name);
    }

    private static (double Loss, double Norm) Step(MaskedLanguageModel model, IReadOnlyList<ModelParameter> parameters, optim.Optimizer optimizer, Tensor ids, Tensor labels, double learningRate)
    {
        using var scope = NewDisposeScope();
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = learningRate;
        foreach (var parameter in parameters)
            parameter.Parameter.grad = null;
        var count = labels.ne(Losses.IgnoredLabel).sum().item<long>();
        var total = 0.0;
        for (var micro = 0; micro < ids.shape[0]; micro++)
        {
            // Logits at masked positions only, as training takes them.
            var positions = labels[micro].flatten().ne(Losses.IgnoredLabel).nonzero().flatten();
            var hidden = model.Backbone.forward(new(ids[micro])).LastHiddenState.view(-1, model.Config.HiddenSize).index_select(0, positions);
            var loss = nn.functional.cross_entropy(model.Head.Logits(hidden), labels[micro].flatten().index_select(0, positions), reduction: nn.Reduction.Sum).div(count);
            model.Backward(loss);
            total += loss.item<float>();
        }

        var norm = nn.utils.clip_grad_norm_(parameters.Select(p => p.Parameter), 1.0);
        optimizer.step();
        return (total, norm);
    }
}
