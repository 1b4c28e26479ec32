using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using MlNetBert.Models.Native;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>
/// oneDNN's linear layer over weights that are laid out once as its kernels read them. The operators (<c>mkldnn::_linear_pointwise</c> and
/// its kin) are in libtorch, but neither TorchSharp nor the source of a script can name them; the code of a saved script module can, so one
/// is written in memory and loaded.
/// </summary>
internal static class OneDnnLinear
{
    // The same operator as ahead-of-time compiled graphs call it. A script that names an operator which is not there would end the process,
    // so its presence is asked for here.
    private const string Shim = "aoti_torch_cpu__linear_pointwise";

    private const string Code = """
        class Linear(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
          def forward(self: __torch__.Linear,
            input: Tensor,
            weight: Tensor,
            bias: Optional[Tensor]) -> Tensor:
            return ops.mkldnn._linear_pointwise(input, weight, bias, "none", annotate(List[Optional[number]], []), "")
          def pack(self: __torch__.Linear,
            weight: Tensor) -> Tensor:
            return ops.mkldnn._reorder_linear_weight(weight, None)

        """;

    private static readonly Lazy<jit.ScriptModule?> Module = new(Load);
    // Outputs of the shapes that are tried: oneDNN 3.7 multiplies all of these wrongly in float32 on processors that are not Intel's and
    // have AVX-512, each for another remainder by its tiles. Each takes milliseconds, and a model's own weights follow.
    private static readonly long[] TriedOutputs = [37, 96, 160];

    private static readonly Lazy<PackedLayout> OfFloat32 = new(() => Choose(ScalarType.Float32));
    private static readonly Lazy<PackedLayout> OfBFloat16 = new(() => Choose(ScalarType.BFloat16));

    /// <summary>
    /// How this libtorch and this processor multiply numbers of a type rightly; tried once, on shapes among which are those that oneDNN is
    /// known to fail at.
    /// </summary>
    public static PackedLayout LayoutOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => OfFloat32.Value,
        ScalarType.BFloat16 => OfBFloat16.Value,
        _ => PackedLayout.None,
    };

    /// <summary>Lays a weight out.</summary>
    /// <param name="weight">[outputs, inputs] on the CPU, float32 or bfloat16.</param>
    /// <returns>The same numbers in an order of oneDNN's, which only <see cref="Apply"/> takes.</returns>
    public static Tensor Pack(Tensor weight) => (Tensor)Module.Value!.invoke("pack", weight);

    /// <summary>[…, inputs] → […, outputs], without a graph.</summary>
    /// <param name="input">On the CPU, in the type of the weight.</param>
    /// <param name="packed">What <see cref="Pack"/> gave.</param>
    /// <param name="bias">[outputs] in the type of the weight, or null.</param>
    public static Tensor Apply(Tensor input, Tensor packed, Tensor? bias) => (Tensor)Module.Value!.invoke("forward", input, packed, bias!);

    /// <summary>
    /// Tries small products: libtorch may be without oneDNN, oneDNN refuses bfloat16 on processors that it cannot emulate it on, and some
    /// of its kernels are wrong on some processors.
    /// </summary>
    private static PackedLayout Choose(ScalarType type)
    {
        try
        {
            if (Module.Value is null)
                return PackedLayout.None;
            if (TriedOutputs.All(outputs => IsRight(type, outputs, isFilled: false)))
                return PackedLayout.AsIs;
            return TriedOutputs.All(outputs => IsRight(type, outputs, isFilled: true)) ? PackedLayout.WholeTiles : PackedLayout.None;
        }
        catch (Exception e) when (e is ExternalException or InvalidOperationException)
        {
            return PackedLayout.None;
        }
    }

    private static bool IsRight(ScalarType type, long outputs, bool isFilled)
    {
        const long Inputs = 40;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (weight, bias) = (PreparedCheck.Draw(outputs, Inputs).to(type), PreparedCheck.Draw(1, outputs)[0].to(type));
        var (packed, offset) = (Pack(isFilled ? TensorCores.Fill(weight, 0) : weight), isFilled ? TensorCores.Fill(bias, 0) : bias);
        return PreparedCheck.IsRight(input => Apply(input, packed, offset).narrow(-1, 0, outputs), weight, bias);
    }

    private static jit.ScriptModule? Load() => TorchRuntime.TryGetExport(Shim, out _) ? jit.load(Archive()) : null;

    /// <summary>
    /// A script module of one class as TorchScript saves it: the code, the object and no constants, the latter two pickled.
    /// </summary>
    private static byte[] Archive()
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("version", "3\n"u8);
            Add("code/__torch__.py", Encoding.UTF8.GetBytes(Code));
            Add("constants.pkl", [0x80, 2, .. ")."u8]); // ()
            // Linear() with { training: False }
            Add("data.pkl", [0x80, 2, .. "c__torch__\nLinear\n)"u8, 0x81, .. "}(X\u0008\0\0\0training"u8, 0x89, .. "ub."u8]);

            void Add(string name, ReadOnlySpan<byte> content)
            {
                using var entry = archive.CreateEntry("linear/" + name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return file.ToArray();
    }
}
