using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Compares a product over a weight that was laid out with the plain one: on random rows, one alone and several. Both are added up with
/// random signs first, so that one row of the plain product is enough (Freivalds, Probabilistic machines can use less running time, 1977):
/// that product costs more than those in question.
/// </summary>
internal static class PreparedCheck
{
    private const long Rows = 17;
    private const double Alone = 2; // so that the same fault in the row alone and among the others does not cancel out

    /// <summary>Whether the largest difference is at most 1e-5 of the largest entry in float32, and 2e-2 in bfloat16.</summary>
    /// <param name="product">The product that is in question, [rows, inputs] → [rows, outputs].</param>
    /// <param name="weight">[outputs, inputs], float32 or bfloat16.</param>
    /// <param name="bias">[outputs] in that type, or null.</param>
    public static bool IsRight(Func<Tensor, Tensor> product, Tensor weight, Tensor? bias)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var signs = Draw(1, Rows).sign();
        var input = Draw(Rows, weight.shape[1]).to(weight.dtype);
        var expected = nn.functional.linear(Sum(input, input[..1]).to(weight.dtype), weight).to(ScalarType.Float32); // [1, outputs]
        var several = WithoutBias(product(input)); // [17, outputs]
        var found = Sum(several, WithoutBias(product(input[..1])));
        var tolerance = weight.dtype == ScalarType.BFloat16 ? 2e-2 : 1e-5;

        // The sum of one output alone may be near zero: the entries that it is made of say what is large. NaN weights give NaN both ways.
        return LargestOf(found.sub(expected)) <= tolerance * Math.Max(LargestOf(several), LargestOf(expected))
            || found.allclose(expected, tolerance, tolerance, equal_nan: true);

        Tensor WithoutBias(Tensor rows) => bias is null ? rows : rows.sub(bias);

        Tensor Sum(Tensor several, Tensor one) => signs.matmul(several.to(ScalarType.Float32)).add_(one, alpha: Alone);

        // One pass, and no tensor of the absolute numbers.
        static double LargestOf(Tensor tensor) => linalg.vector_norm(tensor.to(ScalarType.Float32), double.PositiveInfinity).item<float>();
    }

    /// <summary>Random numbers, the same every time, and without touching a generator of the application's.</summary>
    public static Tensor Draw(long rows, long columns)
    {
        var numbers = empty(rows, columns, ScalarType.Float32, CPU);
        Initialization.Normal(numbers, deviation: 1, seed: 17, "check");
        return numbers;
    }
}
