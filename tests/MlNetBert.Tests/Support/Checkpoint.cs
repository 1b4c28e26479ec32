using System.Text.Json.Nodes;
using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Inference;
using MlNetBert.Models;
using MlNetBert.Tests.Common;

namespace MlNetBert.Tests.Support;

/// <summary>Model directories that are to be damaged or changed.</summary>
internal static class Checkpoint
{
    /// <summary>A trained tiny model's directory, a new one each time.</summary>
    public static string Of(TemporaryDirectory directory, string name = "model")
    {
        using var model = PretrainedModel.FromTransformer(Tiny.Fitted);
        var path = directory.File(name);
        model.Save(path);
        return path;
    }

    /// <summary>The directory of a class's model of two layers, with drawn weights.</summary>
    public static string OfClass(TemporaryDirectory directory, string architecture, string className, string name = "model")
    {
        var owner = ModelArchitecture.Get(architecture);
        var config = owner.CreateConfig(new ModelSize("test", 2, 32, 2), Tiny.Tokenizer.Vocabulary.Count, 24, new ModelTokenIds(0, 1, 2));
        using var model = new PretrainedModel(new SharedModel(owner.Create(owner.FindClass(className)!.Head, config, seed: 1), Tiny.Tokenizer, "made here"));
        model.Save(directory.File(name));
        return directory.File(name);
    }

    /// <summary>Changes config.json, or another object of JSON, of a model directory.</summary>
    public static void EditConfig(string directory, Action<JsonObject> edit, string file = ModelFiles.Config)
    {
        var path = Path.Combine(directory, file);
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    /// <summary>Rewrites the weights of a model directory.</summary>
    public static void Rewrite(string directory, Func<IEnumerable<TensorData>, IEnumerable<TensorData>> change)
    {
        var path = Path.Combine(directory, ModelFiles.Weights);
        using var weights = CheckpointWeights.FromMemory(File.ReadAllBytes(path), path);
        SafetensorsWriter.Write(path, change(weights.Names.Select(name => new TensorData(name, weights.Describe(name).Dtype, weights.Describe(name).Shape, weights.GetBytes(name).ToArray()))));
    }

    /// <summary>Takes tensors away.</summary>
    public static void Remove(string directory, params string[] names) => Rewrite(directory, tensors => tensors.Where(tensor => !names.Contains(tensor.Name)));
}
