using System.Text.Json;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using static TorchSharp.torch;

namespace MlNetBert.Embeddings;

/// <summary>The module Dense of sentence-transformers: a linear layer and an activation. It holds its weights as plain arrays.</summary>
internal sealed class DenseStage : SentenceStage
{
    private const string WeightName = "linear.weight";
    private const string BiasName = "linear.bias";
    private const string Vector = "sentence_embedding";

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Activations = new(StringComparer.Ordinal)
    {
        ["Tanh"] = x => x.tanh(),
        ["Identity"] = x => x.alias(),
        ["ReLU"] = x => x.relu(),
        ["GELU"] = x => nn.functional.gelu(x),
        ["Sigmoid"] = x => x.sigmoid(),
        ["SiLU"] = x => nn.functional.silu(x),
    };

    private readonly int _inputs;
    private readonly int _outputs;
    private readonly float[] _weight; // [outputs, inputs]
    private readonly float[]? _bias;
    private readonly Func<Tensor, Tensor> _activation;

    private DenseStage(int inputs, int outputs, float[] weight, float[]? bias, Func<Tensor, Tensor> activation) =>
        (_inputs, _outputs, _weight, _bias, _activation) = (inputs, outputs, weight, bias, activation);

    /// <inheritdoc/>
    public override int? Inputs => _inputs;

    /// <inheritdoc/>
    public override int OutputsOf(int inputs) => _outputs;

    /// <summary>Reads a module's directory.</summary>
    /// <exception cref="ModelFormatException">It lacks a file or a key, or asks for what is not supported.</exception>
    public static DenseStage Read(string directory)
    {
        var path = Path.Combine(directory, ModelFiles.Config);
        if (!File.Exists(path))
            throw new ModelFormatException(path, "is missing: the module Dense has its sizes there. Get the model anew.");
        var (inputs, outputs, hasBias, activation) = SentenceJson.Read(path, config => (
            Size(config, "in_features"), Size(config, "out_features"),
            !config.TryGetProperty("bias", out var bias) || bias.GetBoolean(), ActivationOf(path, config)));
        using var weights = ModelDirectory.Open(directory).OpenWeights();
        return new DenseStage(
            inputs,
            outputs,
            Values(weights, WeightName, [outputs, inputs]),
            hasBias ? Values(weights, BiasName, [outputs]) : null,
            activation);
    }

    /// <inheritdoc/>
    public override Tensor Apply(Tensor vectors)
    {
        using var scope = NewDisposeScope();
        // Copies, since memory of the runtime is aligned by chance, and sums of some kernels depend on that in their last bits.
        var weight = tensor(_weight, _outputs, _inputs).clone();
        var bias = _bias is null ? null : tensor(_bias).clone();
        return _activation(nn.functional.linear(vectors, weight, bias)).MoveToOuterDisposeScope();
    }

    private static int Size(JsonElement config, string key) => config.GetProperty(key).GetInt32() is > 0 and var size
        ? size
        : throw new FormatException($"{key}, which is not positive.");

    // "torch.nn.modules.activation.Tanh"; Tanh where it is not said.
    private static Func<Tensor, Tensor> ActivationOf(string path, JsonElement config)
    {
        foreach (var key in (string[])["module_input_name", "module_output_name"])
        {
            if (config.TryGetProperty(key, out var name) && name.ValueKind == JsonValueKind.String && name.GetString() != Vector)
                throw new ModelFormatException(path, $"'{key}': '{name.GetString()}' is not supported, expected '{Vector}'.");
        }

        if (config.TryGetProperty("use_residual", out var residual) && residual.ValueKind == JsonValueKind.True)
            throw new ModelFormatException(path, "'use_residual': true is not supported: the vectors would be others.");
        var named = config.TryGetProperty("activation_function", out var function) && function.ValueKind == JsonValueKind.String
            ? function.GetString()! : "torch.nn.modules.activation.Tanh";
        return named.StartsWith("torch.", StringComparison.Ordinal) && Activations.TryGetValue(named.Split('.')[^1], out var known)
            ? known
            : throw new ModelFormatException(path,
                $"'activation_function': '{named}' is not supported; expected one of torch's {string.Join(", ", Activations.Keys)}.");
    }

    private static float[] Values(ICheckpointWeights weights, string name, long[] shape)
    {
        if (!weights.Contains(name))
            throw new ModelFormatException(weights.Source, $"lacks the tensor '{name}' of a module Dense. Get the model anew.");
        if (!weights.Describe(name).Shape.SequenceEqual(shape))
            throw new ModelFormatException(weights.Source,
                $"tensor '{name}' has the shape [{string.Join(", ", weights.Describe(name).Shape)}], but config.json asks for "
                    + $"[{string.Join(", ", shape)}].");
        using var scope = NewDisposeScope();
        return Weights.ReadTensor(weights, name).to(ScalarType.Float32).data<float>().ToArray();
    }
}
