using MlNetBert.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.ModernBert;

/// <summary>The head, dropout and a classifier.</summary>
internal sealed class ModernBertClassifierHead : nn.Module
{
    private readonly double _dropout;

    [ComponentName(Name = "head")]
    private readonly ModernBertHead _head;

    [ComponentName(Name = "classifier")]
    private readonly Dense _classifier;

    public ModernBertClassifierHead(ModernBertConfig config, int labels)
        : base(nameof(ModernBertClassifierHead))
    {
        _dropout = config.ClassifierDropout;
        _head = new ModernBertHead(config);
        _classifier = new Dense(config.HiddenSize, labels);
        RegisterComponents();
    }

    public ModernBertHead Head => _head;

    public Dense Classifier => _classifier;

    /// <summary>[…, hidden] → [… , labels], float32.</summary>
    public Tensor Forward(Tensor hidden, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var transformed = _head.Forward(hidden, pass);
        var dropped = pass.Dropout?.Apply(transformed, _dropout) ?? transformed;
        return _classifier.Forward(dropped, pass).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
