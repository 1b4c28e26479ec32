using MlNetBert.Models.Checkpoints;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Heads;

/// <summary>
/// A linear layer over hidden states with dropout, and what precedes it. It is not a module: it registers its parts in the model under the
/// names that the architecture gives them.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class ClassificationHead
{
    private readonly string _component;
    private readonly HeadTransform? _transform;
    private readonly double _dropout;
    private readonly Dense _outputs;
    private readonly string _weightName;
    private readonly WeightFill _fill;

    /// <summary>Makes a head whose weights are not set yet.</summary>
    /// <param name="component">The name of the head's module in the model; the optimizer's state knows its parameters by it.</param>
    /// <param name="width">The width of hidden states.</param>
    /// <param name="outputs">How many scores a hidden state gets.</param>
    /// <param name="weightName">What Hugging Face calls the linear layer, such as <c>classifier</c>.</param>
    /// <param name="fill">What the linear layer's matrix starts with.</param>
    /// <param name="dropout">The probability of dropout before the linear layer, in [0, 1).</param>
    /// <param name="transform">What precedes the dropout; null for nothing.</param>
    /// <param name="bias">Whether the linear layer has a bias.</param>
    public ClassificationHead(
        string component, int width, int outputs, string weightName, WeightFill fill, double dropout = 0, HeadTransform? transform = null,
        bool bias = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(component);
        ArgumentException.ThrowIfNullOrEmpty(weightName);
        (_component, _weightName, _fill, _dropout, _transform) = (component, weightName, fill, dropout, transform);
        _outputs = new Dense(width, outputs, bias);
    }

    /// <summary>A linear layer with an output for each label, as BERT and its kin have it.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="dropout">The probability of dropout before it, in [0, 1).</param>
    /// <param name="weightName">What Hugging Face calls the layer.</param>
    /// <param name="transform">What precedes it; null for nothing.</param>
    internal static ClassificationHead OfLabels(
        ModelConfig config, double dropout, string weightName = "classifier", HeadTransform? transform = null) =>
        new("classifier", config.HiddenSize, config.Labels.Count, weightName, PostNormNames.Drawn(config), dropout, transform);

    /// <summary>
    /// A linear layer with an output for each label behind dropout and a dense layer, as RoBERTa and its kin have it for sequences.
    /// </summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="dropout">The probability of dropout before either layer, in [0, 1).</param>
    /// <param name="activation">The activation behind the dense layer.</param>
    internal static ClassificationHead OfLabelsBehindDense(ModelConfig config, double dropout, Activation activation) =>
        OfLabels(config, dropout, "classifier.out_proj", new DroppedDense(config, dropout, activation, "classifier.dense"));

    /// <summary>A linear layer without a bias with an output for each label, as decoders have it for sequences.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="fill">What its matrix starts with.</param>
    internal static ClassificationHead OfDecoder(ModelConfig config, WeightFill fill) =>
        new("classifier", config.HiddenSize, config.Labels.Count, "score", fill, bias: false);

    /// <summary>A linear layer for the start and the end of an answer, as BERT and its kin have it.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="dropout">The probability of dropout before it, in [0, 1).</param>
    internal static ClassificationHead OfSpans(ModelConfig config, double dropout = 0) =>
        new("outputs", config.HiddenSize, 2, "qa_outputs", PostNormNames.Drawn(config), dropout);

    /// <summary>Its weights under the names Hugging Face gives them.</summary>
    internal IEnumerable<ModelWeight> Weights() => (_transform?.Weights() ?? []).Concat(_outputs.Weights(_weightName, _fill));

    /// <summary>Makes its parts parts of a model.</summary>
    internal void RegisterIn(nn.Module model) =>
        model.register_module(_component, _transform is null ? _outputs : new Parts(_transform, _outputs));

    /// <summary>[…, hidden] → [… , outputs], float32.</summary>
    internal Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var transformed = _transform?.Forward(hidden, pass) ?? hidden;
        var dropped = pass.Dropout?.Apply(transformed, _dropout) ?? transformed;
        return _outputs.Forward(dropped, pass).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private sealed class Parts : nn.Module
    {
        public Parts(HeadTransform transform, Dense outputs)
            : base(nameof(ClassificationHead))
        {
            register_module("head", transform);
            register_module("classifier", outputs);
        }
    }
}
