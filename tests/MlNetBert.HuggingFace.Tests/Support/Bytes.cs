using System.Buffers.Binary;
using System.Text;

namespace MlNetBert.HuggingFace.Tests.Support;

internal static class Bytes
{
    /// <summary>A safetensors file: the length, the header as given, and a buffer of so many bytes.</summary>
    public static byte[] Safetensors(string header, int buffer = 0, long? length = null) => Safetensors(Encoding.UTF8.GetBytes(header), buffer, length);

    public static byte[] Safetensors(byte[] header, int buffer = 0, long? length = null)
    {
        byte[] file = new byte[8 + header.Length + buffer];
        BinaryPrimitives.WriteInt64LittleEndian(file, length ?? header.Length);
        header.CopyTo(file, 8);
        return file;
    }
}
