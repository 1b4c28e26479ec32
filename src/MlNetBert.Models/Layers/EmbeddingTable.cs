using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>A table of rows looked up by id. The padding row takes no gradient from look-ups, as in PyTorch's <c>padding_idx</c>.</summary>
[Experimental("MLNETBERT001")]
public sealed class EmbeddingTable : nn.Module
{
    private readonly int? _padding;

    [ComponentName(Name = "weight")]
    private Parameter _weight;

    /// <summary>Creates the table with rows that are not yet set.</summary>
    /// <param name="rows">The number of ids.</param>
    /// <param name="width">The width of a row.</param>
    /// <param name="padding">The row whose look-ups take no gradient; null for none.</param>
    public EmbeddingTable(int rows, int width, int? padding = null)
        : base(nameof(EmbeddingTable))
    {
        _padding = padding;
        _weight = Initialization.Allocate(rows, width);
        RegisterComponents();
    }

    /// <summary>[rows, width].</summary>
    public Parameter Rows => _weight;

    /// <summary>The row whose look-ups take no gradient and which starts at zero; null for none.</summary>
    internal int? Padding => _padding;

    /// <summary>Takes another table's rows in place of its own: both learn the same ones, which stay the other's.</summary>
    internal void Borrow(EmbeddingTable owner)
    {
        _weight = Borrowed.Of(_weight, owner._weight);
        ConditionallyRegisterParameter("weight", _weight);
    }

    /// <summary>Looks rows up.</summary>
    /// <param name="ids">[batch, sequence], int64.</param>
    /// <returns>[batch, sequence, width], float32, in the caller's dispose scope.</returns>
    public Tensor Forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var rows = _weight.index_select(0, ids.flatten());                                   // [batch · sequence, width]
        if (_padding is { } padding && is_grad_enabled() && _weight.requires_grad)
        {
            var isPadding = ids.flatten().IsEqualTo(padding);                                       // [batch · sequence]
            if (ids.device_type != DeviceType.CPU || isPadding.any().item<bool>())
                rows = where(isPadding.unsqueeze(1), rows.detach(), rows);
        }

        return rows.view(ids.shape[0], ids.shape[1], -1).MoveToOuterDisposeScope();
    }
}
