using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Checkpoints;

/// <summary>One tensor of a checkpoint and the parameter, or the rows of a fused parameter, that hold it.</summary>
/// <param name="Name">The name Hugging Face gives it, such as <c>bert.embeddings.word_embeddings.weight</c>.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Fill">What the weight starts with when it is not loaded.</param>
/// <param name="FirstRow">The first row of the parameter that belongs to this weight.</param>
/// <param name="RowCount">How many rows belong to it; null for the whole parameter.</param>
[Experimental("MLNETBERT001")]
public sealed record ModelWeight(string Name, Parameter Parameter, WeightFill Fill, long FirstRow = 0, long? RowCount = null)
{
    /// <summary>How the checkpoint has the elements.</summary>
    /// <value>Default: <see cref="WeightLayout.Plain"/>.</value>
    public WeightLayout Layout { get; init; } = WeightLayout.Plain;

    /// <summary>The shape in the checkpoint.</summary>
    public long[] Shape
    {
        get
        {
            using var view = Slice();
            return view.shape;
        }
    }

    /// <summary>
    /// The weight, or of a tensor of the parameter's shape (its gradient, a moment) the part that belongs to this weight. A view: it shares
    /// memory.
    /// </summary>
    /// <param name="whole">A tensor of the parameter's shape; null for the parameter itself.</param>
    /// <returns>A view of <see cref="Shape"/>, to be disposed of by the caller.</returns>
    public Tensor Slice(Tensor? whole = null)
    {
        using var guard = no_grad();
        whole ??= Parameter;
        using var rows = RowCount is { } count ? whole.narrow(0, FirstRow, count) : whole.alias();
        using var view = Layout.View(rows);
        return view.detach();
    }
}
