using MlNetBert.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>Matrix products at numbers of outputs, inputs and rows that fill no tile.</summary>
internal static class ProductChecks
{
    private static readonly long[] Outputs = [1, 3, 17, 33, 48, 65, 100, 160, 192, 341, 682];
    private static readonly long[] Inputs = [24, 85, 341];
    private static readonly long[] Rows = [1, 7, 17, 64, 256];

    /// <summary>Plain products against float64.</summary>
    public static NumberCheck Plain(ComputePrecision precision) => Check("products", precision, (input, weight, bias) =>
        (nn.functional.linear(input, weight.to(input.dtype), bias.to(input.dtype)),
            nn.functional.linear(Wide(input), Wide(weight.to(input.dtype)), Wide(bias.to(input.dtype)))));

    /// <summary>Products over weights that were laid out against plain ones.</summary>
    public static NumberCheck Prepared(ComputePrecision precision) => Check("prepared products", precision, (input, weight, bias) =>
    {
        using var prepared = new PreparedWeights();
        var expected = nn.functional.linear(input, weight.to(input.dtype), bias.to(input.dtype));
        return (prepared.TryApply(input, weight, bias) ?? expected, expected);
    });

    /// <summary>The worst of all shapes.</summary>
    /// <param name="name">What is computed.</param>
    /// <param name="precision">The number format of the input.</param>
    /// <param name="compute">From an input [rows, inputs], a weight [outputs, inputs] and a bias [outputs] to what is found and what is
    /// right.</param>
    internal static NumberCheck Check(string name, ComputePrecision precision,
        Func<Tensor, Parameter, Tensor, (Tensor Found, Tensor Expected)> compute)
    {
        using var guard = no_grad();
        var isNarrow = precision == ComputePrecision.BFloat16;
        var worst = 0.0;
        foreach (var outputs in Outputs)
        {
            foreach (var inputs in Inputs)
            {
                using var scope = NewDisposeScope();
                var (weight, bias) = (new Parameter(PreparedCheck.Draw(outputs, inputs)), PreparedCheck.Draw(1, outputs)[0]);
                foreach (var rows in Rows)
                {
                    var (found, expected) =
                        compute(PreparedCheck.Draw(rows, inputs).to(isNarrow ? ScalarType.BFloat16 : ScalarType.Float32), weight, bias);
                    worst = Differences.Worse(worst, Differences.Relative(found, expected));
                }
            }
        }

        return new NumberCheck(name + NumberChecks.Suffix(precision), worst, isNarrow ? 2e-2 : 1e-5);
    }

    private static Tensor Wide(Tensor tensor) => tensor.to(ScalarType.Float64);
}
