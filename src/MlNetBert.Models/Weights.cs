using MlNetBert.HuggingFace;
using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Models.Checkpoints;
using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <summary>Weights in and out of models, by each model's table of Hugging Face's names.</summary>
[Experimental("MLNETBERT001")]
public static class Weights
{
    /// <summary>
    /// Copies a checkpoint into a model, straight from where its bytes lie. float16, bfloat16 and float64 become float32.
    /// </summary>
    /// <param name="module">The model.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="missingSeed">The seed for weights that the checkpoint lacks; null leaves them as they are.</param>
    /// <param name="outputs">Whether a classifier's last layer is read too; false where the checkpoint's labels are not this model's. It
    /// then counts as missing.</param>
    /// <returns>What was missing, unused and ignored.</returns>
    /// <exception cref="ModelConfigFormatException">A tensor has another shape than the configuration asks for, or contradicts it
    /// otherwise; the model may hold part of the checkpoint.</exception>
    /// <exception cref="ModelFormatException">The checkpoint holds no weight of this model at all, or one of a type that is no
    /// floating-point number.</exception>
    public static LoadReport Load(LanguageModelModule module, ICheckpointWeights weights, long? missingSeed = null, bool outputs = true)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(weights);
        module.ForgetPreparedWeights();
        var match = WeightMatch.Of(module, weights, outputs).RequireAny(module, weights);
        foreach (var (weight, name) in match.Found)
            WeightCopy.Check(weight, weights, name);
        foreach (var (weight, name) in match.Found)
            WeightCopy.Read(weight, weights, name);
        if (missingSeed is { } seed)
        {
            foreach (var weight in match.Missing)
                module.Initialize(weight, seed);
        }

        return match.ToReport(module);
    }

    /// <summary>
    /// Copies the weights that two models have in common by name, straight from one to the other; a backbone alone and one below a head
    /// have the same names.
    /// </summary>
    /// <param name="from">The model to copy from.</param>
    /// <param name="to">The model to copy to; what the other one lacks keeps its values.</param>
    /// <param name="outputs">Whether a classifier's last layer is copied too; false where the labels are not the same. It then counts as
    /// missing.</param>
    /// <returns>What was missing and unused.</returns>
    /// <exception cref="ArgumentException">A weight has another shape there.</exception>
    public static LoadReport Copy(LanguageModelModule from, LanguageModelModule to, bool outputs = true)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        to.ForgetPreparedWeights();
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var pairs = Pair(from, to, outputs, out var report);
        foreach (var (weight, source) in pairs)
        {
            if (!source.Shape.SequenceEqual(weight.Shape))
                throw new ArgumentException(
                    $"'{weight.Name}' is [{string.Join(", ", source.Shape)}] there and [{string.Join(", ", weight.Shape)}] here: the two "
                        + "are not of one configuration.",
                    nameof(from));
            weight.Slice().copy_(source.Slice());
        }

        return report;
    }

    /// <summary>What <see cref="Copy"/> would report.</summary>
    internal static LoadReport Compare(LanguageModelModule from, LanguageModelModule to)
    {
        Pair(from, to, outputs: true, out var report);
        return report;
    }

    private static List<(ModelWeight Weight, ModelWeight Source)> Pair(
        LanguageModelModule from, LanguageModelModule to, bool outputs, out LoadReport report)
    {
        var sources = from.CheckpointWeights().ToDictionary(weight => NameOf(weight, from));
        var pairs = new List<(ModelWeight Weight, ModelWeight Source)>();
        var missing = new List<string>();
        var aliases = to.Aliases;
        foreach (var weight in to.CheckpointWeights())
        {
            if ((outputs || !aliases.IsOutput(weight.Name)) && sources.Remove(NameOf(weight, to), out var source))
                pairs.Add((weight, source));
            else
                missing.Add(weight.Name);
        }

        report = new LoadReport(missing, [.. sources.Values.Select(weight => weight.Name).Order(StringComparer.Ordinal)], ignored: [])
        {
            MissingInBackbone = [.. missing.Where(to.IsOfBackbone)],
        };
        return pairs;
    }

    private static (string Name, bool IsOfBackbone) NameOf(ModelWeight weight, LanguageModelModule model) =>
        weight.Name.StartsWith(model.BackbonePrefix, StringComparison.Ordinal)
            ? (weight.Name[model.BackbonePrefix.Length..], true)
            : (weight.Name, false);

    /// <summary>A tensor of a file as it is, on the CPU.</summary>
    /// <param name="weights">The file.</param>
    /// <param name="name">The tensor's name.</param>
    /// <returns>The tensor, in the caller's dispose scope.</returns>
    /// <exception cref="SafetensorsFormatException">There is no such tensor, or PyTorch has no type like the tensor's.</exception>
    public static Tensor ReadTensor(ICheckpointWeights weights, string name)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return WeightCopy.ReadTensor(weights, name);
    }

    /// <summary>The tensors that <c>save_pretrained</c> writes: every weight under its name; a tied decoder is left out.</summary>
    /// <param name="module">The model, which must not change until the tensors are written.</param>
    /// <param name="dtype">F32, F16 or BF16.</param>
    /// <returns>The tensors; each is copied only when it is written.</returns>
    /// <exception cref="ArgumentException">Another type.</exception>
    public static IEnumerable<TensorData> ToTensors(LanguageModelModule module, SafetensorsDtype dtype = SafetensorsDtype.F32)
    {
        ArgumentNullException.ThrowIfNull(module);
        var type = dtype is SafetensorsDtype.F32 or SafetensorsDtype.F16 or SafetensorsDtype.BF16
            ? WeightCopy.ToScalarType(dtype)!.Value
            : throw new ArgumentException($"Weights are saved as F32, F16 or BF16, found {dtype}.", nameof(dtype));
        return module.CheckpointWeights().Select(weight =>
            new TensorData(weight.Name, dtype, weight.Shape, stream => WeightCopy.Write(weight, type, stream)));
    }

    /// <summary>Writes config.json and model.safetensors into a directory, which is made where it is not there.</summary>
    /// <param name="module">The model.</param>
    /// <param name="directory">The directory; its other files stay.</param>
    /// <param name="dtype">F32, F16 or BF16.</param>
    public static void SaveDirectory(LanguageModelModule module, string directory, SafetensorsDtype dtype = SafetensorsDtype.F32)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        SafetensorsWriter.Write(Path.Combine(directory, ModelFiles.Weights), ToTensors(module, dtype));
        AtomicFile.WriteAllText(Path.Combine(directory, ModelFiles.Config), ConfigOf(module, dtype).ToJsonString());
    }

    /// <summary>
    /// The configuration that a saved model's config.json holds: the model's own, with its class name and the weights' type.
    /// </summary>
    /// <param name="module">The model.</param>
    /// <param name="dtype">F32, F16 or BF16.</param>
    /// <returns>The configuration.</returns>
    public static ModelConfig ConfigOf(LanguageModelModule module, SafetensorsDtype dtype = SafetensorsDtype.F32)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.Config with { Architectures = [module.ClassName], Dtype = NameOf(dtype) };
    }

    /// <summary>PyTorch's name of a type, as config.json has it.</summary>
    internal static string NameOf(SafetensorsDtype dtype) =>
        dtype switch { SafetensorsDtype.F16 => "float16", SafetensorsDtype.BF16 => "bfloat16", _ => "float32" };
}
