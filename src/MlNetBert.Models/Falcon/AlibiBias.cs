using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Falcon;

/// <summary>
/// What is added to attention's scores instead of positions: the nearer a key, the more (ALiBi, Press et al. 2021, arXiv:2108.12409). It
/// grows with the key's place alone, which is the same to softmax.
/// </summary>
internal static class AlibiBias
{
    /// <summary>The bias of keys at some places, with transformers' roundings to bfloat16.</summary>
    /// <param name="places">[batch or 1, keys], int64.</param>
    /// <param name="heads">How many heads there are.</param>
    /// <param name="headSize">Their width, by whose root all scores are divided.</param>
    /// <param name="type">The type of scores.</param>
    /// <returns>[batch or 1, heads, 1, keys], in the caller's dispose scope.</returns>
    public static Tensor Of(Tensor places, int heads, int headSize, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var slopes = tensor(Slopes(heads), ScalarType.Float32).to(ScalarType.BFloat16).to(places.device).view(1, heads, 1, 1);
        return slopes.mul(places.unsqueeze(1).unsqueeze(1)).to(type).Over(Math.Sqrt(headSize)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How fast the bias of each head grows: of 2ⁿ heads the powers of 2^(−8 / 2ⁿ), of others those of the next smaller power of two, and
    /// behind them every second one of the next larger's.
    /// </summary>
    public static float[] Slopes(int heads)
    {
        var power = 1 << (int)Math.Log2(heads);
        return [.. Powers(power, 1).Take(power), .. Powers(2 * power, 2).Take(heads - power)];
    }

    private static IEnumerable<float> Powers(int heads, int step)
    {
        var root = (float)Math.Pow(2, -8.0 / heads);
        for (var exponent = 1; ; exponent += step)
            yield return MathF.Pow(root, exponent);
    }
}
