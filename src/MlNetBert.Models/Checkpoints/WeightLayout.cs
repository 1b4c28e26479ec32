using static TorchSharp.torch;

namespace MlNetBert.Models.Checkpoints;

/// <summary>How a file has the elements of a weight, told from the rows of the parameter that hold it.</summary>
[Experimental("MLNETBERT001")]
public sealed class WeightLayout
{
    private readonly Func<Tensor, Tensor> _view;

    /// <summary>Makes a layout.</summary>
    /// <param name="view">Gives a view of the parameter's rows in the file's shape and order: it shares their memory.</param>
    public WeightLayout(Func<Tensor, Tensor> view)
    {
        ArgumentNullException.ThrowIfNull(view);
        _view = view;
    }

    /// <summary>As the parameter has them: [outputs, inputs] of a linear layer.</summary>
    public static WeightLayout Plain { get; } = new(rows => rows.alias());

    /// <summary>Rows and columns exchanged: [inputs, outputs].</summary>
    public static WeightLayout Transposed { get; } = new(rows => rows.t());

    /// <summary>A view of a parameter's rows in the file's shape.</summary>
    internal Tensor View(Tensor rows) => _view(rows);
}
