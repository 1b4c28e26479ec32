namespace MlNetBert.Models.Tests.Kernels;

/// <summary>Which kernels a test runs, and where.</summary>
public enum PlaceKind
{
    /// <summary>A GPU's, on a processor that has warps and shared memory as a GPU has them.</summary>
    Warps,

    /// <summary>A processor's, numbers in bfloat16.</summary>
    Vectors,

    /// <summary>A processor's, sixteen at once: as AVX-512 has them, or .NET in its place.</summary>
    LongVectors,

    /// <summary>A processor's, numbers in float32.</summary>
    WideVectors,

    /// <summary>A processor's, sixteen numbers in float32 at once.</summary>
    LongWideVectors,

    /// <summary>A GPU's, on the GPU.</summary>
    Gpu,
}
