using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Compares a product over a weight that was laid out with the plain one: on random rows, one alone and several.</summary>
internal static class PreparedCheck
{
    private const long Rows = 17;

    /// <summary>Whether the largest difference is at most 1e-5 of the largest entry in float32, and 2e-2 in bfloat16.</summary>
    /// <param name="product">The product that is in question, [rows, inputs] → [rows, outputs].</param>
    /// <param name="weight">[outputs, inputs], float32 or bfloat16.</param>
    /// <param name="bias">[outputs] in that type, or null.</param>
    public static bool IsRight(Func<Tensor, Tensor> product, Tensor weight, Tensor? bias)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var input = Draw(Rows, weight.shape[1]).to(weight.dtype);
        var expected = nn.functional.linear(input, weight, bias); // [17, outputs]
        var tolerance = weight.dtype == ScalarType.BFloat16 ? 2e-2 : 1e-5;
        return IsNear(product(input), expected) && IsNear(product(input[..1]), expected[..1]);

        // A weight that holds what is no number makes none, in either way.
        bool IsNear(Tensor found, Tensor right)
        {
            using var off = found.sub(right);
            return LargestOf(off) <= tolerance * LargestOf(right) || found.allclose(right, tolerance, tolerance, equal_nan: true);
        }

        // One pass, and no tensor of the absolute numbers.
        static double LargestOf(Tensor tensor)
        {
            using var largest = linalg.vector_norm(tensor, double.PositiveInfinity);
            return largest.to(ScalarType.Float64).item<double>();
        }
    }

    /// <summary>Random numbers, the same every time, and without touching a generator of the application's.</summary>
    public static Tensor Draw(long rows, long columns)
    {
        var numbers = empty(rows, columns, ScalarType.Float32, CPU);
        Initialization.Normal(numbers, deviation: 1, seed: 17, "check");
        return numbers;
    }
}
