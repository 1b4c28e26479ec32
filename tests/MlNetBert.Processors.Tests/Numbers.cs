using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text.Json;
using MlNetBert.Models.Kernels;
using MlNetBert.Models.Verification;
using static TorchSharp.torch;

namespace MlNetBert.Processors.Tests;

/// <summary>What a child computes: the checks that the library carries (Hugging Face's references among them), and properties at random shapes.</summary>
internal static class Numbers
{
    /// <summary>Compares everything.</summary>
    /// <param name="seed">Of the random shapes.</param>
    /// <returns>A <see cref="NumbersResult"/> as JSON.</returns>
    public static string Compare(string seed)
    {
        set_num_threads(1);
        var random = new Random(int.Parse(seed, CultureInfo.InvariantCulture));
        var comparisons = NumberChecks.Run().Select(check => (What: check.Name, check.Difference, check.Tolerance))
            .Concat(ProductProperties.Compare(random)).Concat(KernelProperties.Compare(random)).Concat(ModelProperties.Compare(random));
        var (compared, faults) = (0, new List<string>());
        foreach (var (what, difference, tolerance) in comparisons)
        {
            compared++;
            if (!(difference <= tolerance))
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {difference:0.0e+0}, at most {tolerance:0.0e+0}"));
        }

        // Faults that were found and mended are none; that everything went the plain way would be.
        if (ProcessorFaults.Messages.Count > 0)
            Console.WriteLine(string.Join('\n', ProcessorFaults.Messages));
        return JsonSerializer.Serialize(new NumbersResult(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128, compared, faults));
    }

    /// <summary>Has oneDNN multiply once, so that it reports itself.</summary>
    public static string Multiply(string argument)
    {
        _ = Models.Layers.OneDnnLinear.LayoutOf(ScalarType.Float32);
        return argument;
    }
}
