using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MlNetBert.Models.Kernels.Vectors;
using MlNetBert.Models.Native;
using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>
/// Proves this machine's numbers, in seconds: small models that this library carries, against what Hugging Face's implementation gave for
/// them (outputs, loss, every gradient), and every faster way of computing against the plain one, at widths that fill no vector. What a
/// processor does is chosen by its instruction set, by environment variables and by libraries, and one of them may be wrong.
/// </summary>
internal static class NumberChecks
{
    /// <summary>Computes and compares, one check after the other as they are asked for.</summary>
    /// <returns>The checks that this processor can run: kernels over sixteen numbers at once only where it has AVX-512.</returns>
    /// <exception cref="TorchUnavailableException">libtorch cannot be loaded.</exception>
    public static IEnumerable<NumberCheck> Run()
    {
        TorchRuntime.EnsureLoaded();
        return All().SelectMany(check => Try(check.Name, check.Run));
    }

    /// <summary>The architectures that are checked: those that carry references.</summary>
    internal static IEnumerable<ModelArchitecture> Architectures =>
        ModelArchitecture.All.Where(architecture => architecture.References.Count > 0);

    /// <summary>Every check by the name of what it computes; one may give several lines.</summary>
    internal static IEnumerable<(string Name, Func<IEnumerable<NumberCheck>> Run)> All()
    {
        foreach (var precision in Enum.GetValues<ComputePrecision>())
        {
            yield return ("products" + Suffix(precision), () => [ProductChecks.Plain(precision)]);
            yield return ("prepared products" + Suffix(precision), () => [ProductChecks.Prepared(precision)]);
        }

        foreach (var architecture in Architectures)
        {
            var name = architecture.ModelType;
            yield return (name, () => architecture.References.SelectMany(reference =>
                ModelChecks.AgainstReference(architecture.References.Count == 1 ? name : reference, architecture, reference)));
            foreach (var precision in Enum.GetValues<ComputePrecision>())
            {
                yield return ($"{name} batch{Suffix(precision)}", () => [ModelChecks.AloneAndTogether(architecture, precision)]);
                foreach (var width in architecture.KernelWidths.DistinctBy(LanesOf))
                    yield return ($"{name} kernels, {LanesOf(width)} lanes{Suffix(precision)}", () =>
                        [ModelChecks.Kernels(architecture, width, precision)]);
            }
        }
    }

    /// <summary>What a name says of a number format.</summary>
    internal static string Suffix(ComputePrecision precision) => precision == ComputePrecision.BFloat16 ? ", bf16" : "";

    /// <summary>Numbers that kernels take at once where a row has so many.</summary>
    internal static int LanesOf(int width) =>
        Vector512.IsHardwareAccelerated && width % SixteenLanes.Count == 0 ? SixteenLanes.Count : EightLanes.Count;

    private static IReadOnlyList<NumberCheck> Try(string name, Func<IEnumerable<NumberCheck>> run)
    {
        using var scope = NewDisposeScope();
        try
        {
            return [.. run()];
        }
        catch (Exception e) when (e is ExternalException or InvalidOperationException)
        {
            return [new NumberCheck($"{name}: {e.Message.Split('\n')[0]}", double.NaN, 0)];
        }
    }
}
