using MlNetBert.Models.Checkpoints;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>A linear layer y = x·Wᵀ + b whose product runs in the precision of the pass over float32 master weights.</summary>
[Experimental("MLNETBERT001")]
public sealed class Dense : nn.Module
{
    // Where unlike a few labels a vocabulary is told apart, filling up whole tiles pays.
    private const long ManyOutputs = 4096;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    /// <summary>Creates the layer with weights that are not yet set.</summary>
    /// <param name="inputs">The width of what it takes.</param>
    /// <param name="outputs">The width of what it gives.</param>
    /// <param name="bias">With b.</param>
    public Dense(int inputs, int outputs, bool bias = true)
        : base(nameof(Dense))
    {
        _weight = Initialization.Allocate(outputs, inputs);
        _bias = bias ? Initialization.Allocate(outputs) : null;
        RegisterComponents();
    }

    /// <summary>[outputs, inputs].</summary>
    public Parameter Matrix => _weight;

    /// <summary>[outputs], or null.</summary>
    public Parameter? Offset => _bias;

    /// <summary>Its weights in a checkpoint: NAME.weight, and NAME.bias where it has one, which starts with zeros.</summary>
    /// <param name="name">What Hugging Face calls the layer.</param>
    /// <param name="fill">What the matrix starts with.</param>
    /// <returns>The weights.</returns>
    public IEnumerable<ModelWeight> Weights(string name, WeightFill fill) =>
    [
        new($"{name}.weight", _weight, fill),
        .. _bias is null ? Array.Empty<ModelWeight>() : [new($"{name}.bias", _bias, WeightFill.Zero)],
    ];

    /// <summary>As <see cref="Weights"/> of a layer that is several in a checkpoint, whose rows lie one after the other here.</summary>
    /// <param name="fill">What the matrices start with.</param>
    /// <param name="rows">The rows of each.</param>
    /// <param name="names">What Hugging Face calls them.</param>
    internal IEnumerable<ModelWeight> Parts(WeightFill fill, long rows, params IEnumerable<string> names) =>
        Parts(fill, names.Select(name => (name, rows)));

    /// <summary>The same with rows of its own for each.</summary>
    internal IEnumerable<ModelWeight> Parts(WeightFill fill, params IEnumerable<(string Name, long Rows)> parts)
    {
        var first = 0L;
        foreach (var (name, rows) in parts)
        {
            yield return new($"{name}.weight", _weight, fill, first, rows);
            if (_bias is not null)
                yield return new($"{name}.bias", _bias, WeightFill.Zero, first, rows);
            first += rows;
        }
    }

    /// <summary>Runs the layer.</summary>
    /// <param name="input">[…, inputs].</param>
    /// <param name="pass">The pass.</param>
    /// <returns>[… , outputs] in the precision of the pass, in the caller's dispose scope.</returns>
    public Tensor Forward(Tensor input, ForwardPass pass) => Apply(input, _weight, _bias, pass);

    /// <summary>
    /// […, inputs] → 2 × [… , outputs / 2]: the first half of the outputs and the second, each in memory of its own, which makes what
    /// follows faster than two views of one.
    /// </summary>
    internal (Tensor First, Tensor Second) ForwardHalves(Tensor input, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var narrow = input.to(pass.ProductType);
        var rows = _weight.chunk(2, 0);                                                      // 2 × [outputs / 2, inputs]
        var offsets = _bias?.chunk(2, 0);
        return (Half(0).MoveToOuterDisposeScope(), Half(1).MoveToOuterDisposeScope());

        Tensor Half(int part) =>
            pass.Prepared?.TryApply(narrow, _weight, _bias, part, parts: 2) ?? Product(narrow, rows[part], offsets?[part]);
    }

    /// <summary>[…, inputs] → [… , outputs] in the precision of the pass, without the layer's bias.</summary>
    internal Tensor ForwardWithoutBias(Tensor input, ForwardPass pass) => Apply(input, _weight, null, pass);

    /// <summary>[…, inputs] → [… , count]: some of the outputs.</summary>
    /// <param name="input">[…, inputs].</param>
    /// <param name="first">The first output.</param>
    /// <param name="count">How many.</param>
    /// <param name="bias">With their biases.</param>
    /// <param name="pass">The pass.</param>
    internal Tensor ForwardRows(Tensor input, long first, long count, bool bias, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        return Product(input.to(pass.ProductType), _weight.narrow(0, first, count), bias ? _bias?.narrow(0, first, count) : null)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The product with a weight that another layer owns.</summary>
    internal static Tensor Apply(Tensor input, Parameter weight, Tensor? bias, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var narrow = input.to(pass.ProductType);
        return (pass.Prepared?.TryApply(narrow, weight, bias) ?? Product(narrow, weight, bias)).MoveToOuterDisposeScope();
    }

    private static Tensor Product(Tensor input, Tensor weight, Tensor? bias) =>
        input.device_type == DeviceType.CUDA && input.dtype == ScalarType.BFloat16
        ? ProductOnTensorCores(input, weight, bias)
        : nn.functional.linear(input, weight.to(input.dtype), bias?.to(input.dtype));

    // Two dimensions, because libtorch adds a bias in the product's own kernel then, and in a pass of its own otherwise.
    private static Tensor ProductOnTensorCores(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var outputs = weight.shape[0];
        var (rows, offset) = (weight.to(input.dtype), bias?.to(input.dtype));
        if (outputs >= ManyOutputs)
            (rows, offset) = (TensorCores.Fill(rows, 0), offset is null ? null : TensorCores.Fill(offset, 0));
        // [rows, outputs, whole tiles of them where they are many]
        var product = nn.functional.linear(input.reshape(-1, input.shape[^1]), rows, offset);
        return (product.shape[1] == outputs ? product : product.narrow(1, 0, outputs).contiguous()).view([.. input.shape[..^1], outputs])
            .MoveToOuterDisposeScope();
    }
}
