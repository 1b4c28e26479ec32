using MlNetBert.HuggingFace;
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
        var parameters = model.named_parameters().ToList();
        var levels = LayerLevels.Of(parameters.Select(p => p.name));
        foreach (var (name, parameter) in parameters)
        {
            if (levels[name] > highest || !parameter.requires_grad)
                continue;
            parameter.requires_grad = false;
            _frozen.Add(parameter);
        }

        if (parameters.TrueForAll(p => !p.parameter.requires_grad))
        {
            Dispose();
            new OptionsValidator().Require(false, nameof(TrainingOptions.FrozenLayerCount), highest,
                $"must leave something to train: the model has {levels.Values.Max() - 1} layers")
                .ThrowIfAny(nameof(TrainingOptions));
        }
    }

    public void Dispose()
    {
        foreach (var parameter in _frozen)
            parameter.requires_grad = true;
    }
}
