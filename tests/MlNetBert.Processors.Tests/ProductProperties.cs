using MlNetBert.Models.Layers;
using MlNetBert.Models.Verification;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Processors.Tests;

/// <summary>Products over weights that were laid out equal plain ones, at random numbers of outputs, inputs and rows.</summary>
internal static class ProductProperties
{
    private const int Trials = 40;

    public static IEnumerable<(string What, double Difference, double Tolerance)> Compare(Random random)
    {
        for (var trial = 0; trial < Trials; trial++)
        {
            var (outputs, inputs, rows) = (random.Next(1, 400), random.Next(1, 300), random.Next(1, 257));
            foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
                yield return ($"[{rows}, {inputs}] · [{outputs}, {inputs}]ᵀ in {type}", Difference(outputs, inputs, rows, type), type == ScalarType.Float32 ? 1e-5 : 2e-2);
        }
    }

    private static double Difference(int outputs, int inputs, int rows, ScalarType type)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var prepared = new PreparedWeights();
        var (input, weight, bias) = (PreparedCheck.Draw(rows, inputs).to(type), new Parameter(PreparedCheck.Draw(outputs, inputs)), PreparedCheck.Draw(1, outputs)[0]);
        var expected = nn.functional.linear(input, weight.to(type), bias.to(type));
        return Differences.Relative(prepared.TryApply(input, weight, bias) ?? expected, expected);
    }
}
