using System.Globalization;
using static TorchSharp.torch;

namespace MlNetBert.Models.Kernels;

/// <summary>
/// What this processor multiplies wrongly in a faster way than the plain one: a weight that
/// <see cref="LanguageModelModule.PrepareForInference"/> laid out is compared with the plain product, which is taken instead where the two
/// differ. Results are right then, and calls on short texts slower. <c>mlnet-bert doctor --check</c> tells beforehand.
/// </summary>
/// <remarks>Thread-safe. One fault is told for each number format, once a process.</remarks>
[Experimental("MLNETBERT001")]
public static class ProcessorFaults
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<ScalarType> Told = [];
    private static IReadOnlyList<string> All = [];

    /// <summary>Raised when a fault is found, on the thread that found it. Without a handler it is written to standard error.</summary>
    public static event EventHandler<ProcessorFaultEventArgs>? Found;

    /// <summary>The faults that were found so far.</summary>
    public static IReadOnlyList<string> Messages => Volatile.Read(ref All);

    internal static void Tell(ScalarType type, long outputs, long inputs)
    {
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"This processor's fast product over weights that were laid out (oneDNN, "
                + $"{(type == ScalarType.BFloat16 ? "bfloat16" : "float32")}) is wrong, first seen at a weight [{outputs}, {inputs}]. Such "
                + $"weights take the plain product: results are right, calls on short texts are slower.");
        lock (Gate)
        {
            if (!Told.Add(type))
                return;
            Volatile.Write(ref All, [.. All, message]);
        }

        if (Found is { } found)
            found(null, new ProcessorFaultEventArgs(message));
        else
            Console.Error.WriteLine("MlNetBert: " + message);
    }
}
