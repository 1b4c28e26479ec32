using static TorchSharp.torch;

namespace MlNetBert.Models;

public abstract partial class LanguageModelModule
{
    /// <summary>Every parameter once, with what an optimizer must know of it.</summary>
    /// <returns>The parameters in a fixed order.</returns>
    public IReadOnlyList<ModelParameter> TrainableParameters() => TrainableParametersOf(this);

    /// <summary>
    /// Every parameter of a module once, with what an optimizer must know of it. Levels are those of the model that a parameter belongs to;
    /// a parameter outside of models is above all of them.
    /// </summary>
    /// <param name="root">The module, which may be a model itself.</param>
    /// <returns>The parameters in a fixed order.</returns>
    public static IReadOnlyList<ModelParameter> TrainableParametersOf(nn.Module root)
    {
        ArgumentNullException.ThrowIfNull(root);
        var levels = new Dictionary<object, (int Level, int Top)>(ReferenceEqualityComparer.Instance);
        foreach (var model in OutermostIn(root))
            model.AddLevels(levels);
        var highest = levels.Values.Select(level => level.Top).DefaultIfEmpty(0).Max();
        return
        [
            .. root.named_parameters().DistinctBy(named => named.parameter, ReferenceEqualityComparer.Instance).Select(named =>
            {
                var (level, top) = levels.GetValueOrDefault(named.parameter, (highest, highest));
                return new ModelParameter(named.name, named.parameter, Decays: named.parameter.dim() > 1, level, top - level);
            }),
        ];
    }

    /// <summary>Adds the level of each parameter, and the highest level beside it.</summary>
    private void AddLevels(Dictionary<object, (int Level, int Top)> levels)
    {
        var backbones = modules().OfType<Backbone>().Append(Backbone).Distinct()
            .Select(backbone => (Layers: backbone.LayerModules.Count, Levels: backbone.Levels())).ToList();
        var head = parameters().Where(parameter => !backbones.Exists(backbone => backbone.Levels.ContainsKey(parameter))).ToList();
        foreach (var (layers, own) in backbones)
        {
            var top = head.Count > 0 ? layers + 1 : own.Values.Max();
            foreach (var (parameter, level) in own)
                levels.TryAdd(parameter, (level, top));
        }

        var above = backbones.Select(backbone => backbone.Layers + 1).DefaultIfEmpty(0).Max();
        foreach (var parameter in head)
            levels.TryAdd(parameter, (above, above));
    }
}
