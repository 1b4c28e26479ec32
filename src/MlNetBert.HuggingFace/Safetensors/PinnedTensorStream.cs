namespace MlNetBert.HuggingFace.Safetensors;

/// <summary>A read-only stream over a pinned tensor, which it owns.</summary>
internal sealed unsafe class PinnedTensorStream(PinnedTensor tensor)
    : UnmanagedMemoryStream((byte*)tensor.Address, tensor.ByteLength, tensor.ByteLength, FileAccess.Read)
{
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            tensor.Dispose();
    }
}
