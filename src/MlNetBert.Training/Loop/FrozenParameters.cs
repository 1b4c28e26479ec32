using MlNetBert.HuggingFace;
using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Training.Loop;

/// <summary>Leaves the lowest layers out of training while it lives.</summary>
internal sealed class FrozenParameters : IDisposable
{
    private readonly List<TorchSharp.Modules.Parameter> _frozen = [];

    public FrozenParameters(nn.Module model, int? layers)
    {
        if (layers is not { } highest)
            return;
        var parameters = LanguageModelModule.TrainableParametersOf(model);
        var top = parameters.Max(p => p.Level);
        new OptionsValidator().Require(highest < top, nameof(TrainingOptions.FrozenLayerCount), highest,
            $"must leave something to train: the model has {LayersOf(model, top - 1)}").ThrowIfAny(nameof(TrainingOptions));
        // What stands above the layers is trained, also above the fewer ones of a second model.
        foreach (var parameter in parameters.Where(p => p.Level <= highest && p.LevelsAbove > 0).Select(p => p.Parameter))
        {
            if (!parameter.requires_grad)
                continue;
            parameter.requires_grad = false;
            _frozen.Add(parameter);
        }
    }

    public void Dispose()
    {
        foreach (var parameter in _frozen)
            parameter.requires_grad = true;
    }

    /// <summary>How many layers there are, and how many have weights of their own where some share theirs.</summary>
    private static string LayersOf(nn.Module model, int distinct)
    {
        var runs = LanguageModelModule.OutermostIn(model).Select(outermost => outermost.Config.LayerRuns).DefaultIfEmpty().Max();
        return runs <= distinct ? $"{distinct} layers" : $"{runs} layers, which share the weights of {distinct}";
    }
}
