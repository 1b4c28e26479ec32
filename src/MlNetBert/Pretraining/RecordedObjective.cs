using System.Text.Json.Nodes;
using MlNetBert.Models;

namespace MlNetBert.Pretraining;

/// <summary>
/// What a model was pretrained for, in its config.json: heads of one class may have learned different things. What the heads of a class are
/// known for, the first objective with that head, is not recorded.
/// </summary>
internal static class RecordedObjective
{
    /// <summary>The key, which other programs keep and do not read.</summary>
    public const string Key = "mlnetbert_objective";

    /// <summary>The configuration of a model that is trained for an objective; the same one where nothing changes.</summary>
    public static ModelConfig In(ModelConfig config, PretrainingTask task)
    {
        var name = task.IsKnownByItsHead ? null : task.Name;
        if (string.Equals(NameIn(config), name, StringComparison.Ordinal))
            return config;
        var source = config.Source is { } json ? JsonNode.Parse(json)!.AsObject() : config.ToJson();
        source.Remove(Key);
        if (name is not null)
            source.Add(Key, name);
        return config with { Source = source.ToJsonString() };
    }

    /// <summary>What a model was pretrained for: the objective that is recorded, else the first that serves it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="unknown">The name of a recorded objective that is not registered; null where there is none.</param>
    /// <returns>The objective; null where it is not known.</returns>
    public static PretrainingTask? TaskOf(PretrainedModel model, out string? unknown)
    {
        var serving = PretrainingTask.All.Where(task => task.Serves(model)).ToList();
        var name = NameIn(model.Config);
        unknown = name is not null && serving.Count > 0 && PretrainingTask.Find(PretrainingTask.All, name) is null ? name : null;
        return unknown is not null ? null : PretrainingTask.Find(serving, name) ?? serving.FirstOrDefault();
    }

    /// <summary>
    /// How many places before its own a model predicts a masked token: 0 with a masked-LM head or queries, 1 where a causal model has
    /// learned to.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="what">What needs it, as a sentence begins: "Filling masks".</param>
    /// <exception cref="InvalidOperationException">The model fills no masks, or weights of it were drawn.</exception>
    public static int MaskShiftOf(PretrainedModel model, string what)
    {
        if (TaskOf(model, out _)?.MaskShift is { } shift)
            return shift;
        var others = string.Join(", ", PretrainingTask.All.Where(task => task.MaskShift > 0).Select(task => task.Name));
        model.Require<MaskedLanguageModel>(
            what, remedy: "Pretrain or fine-tune the model, or take a checkpoint with that head. A causal model fills masks where it was "
                + $"pretrained for it (the objective {others}).");
        return 0;
    }

    /// <summary>The objective that a configuration names; null for none.</summary>
    public static string? NameIn(ModelConfig config) =>
        config.Source is { } json && JsonNode.Parse(json)?[Key] is JsonValue value && value.TryGetValue(out string? name) ? name : null;
}
