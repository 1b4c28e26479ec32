using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// Puts other memory under a tensor, on any device, as PyTorch's <c>tensor.data = other</c> does; TorchSharp does not bind it.
/// </summary>
internal static class TensorMove
{
    private const string Source = """
        def rehouse(tensor: Tensor, data: Tensor) -> Tensor:
            tensor.set_data(data)
            return data

        """;

    private static readonly jit.CompilationUnit Unit = jit.compile(Source);

    /// <summary>The tensor stays the same object, with the values and the device of another.</summary>
    public static void Rehouse(Tensor tensor, Tensor data)
    {
        using var result = (Tensor)Unit.invoke("rehouse", tensor, data);
    }
}
