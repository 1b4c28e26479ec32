using System.Text;
using MlNetBert.HuggingFace.Pickles;

namespace MlNetBert.HuggingFace.Tests.Pickles;

public sealed class Crc32Tests
{
    // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms (reveng.sourceforge.io/crc-catalogue).
    [Fact]
    public void Append_TheCheckText_GivesTheCheckValue() => Assert.Equal(0xCBF43926, Crc32.Append(0, "123456789"u8));

    [Fact]
    public void Append_PartsOfAnyLength_GiveTheChecksumOfTheWhole()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("The quick brown fox jumps over the lazy dog");
        Assert.Equal(0x414FA339u, Crc32.Append(0, bytes)); // as zlib has it
        for (int first = 0; first <= bytes.Length; first++)
            Assert.Equal(0x414FA339u, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, first)), bytes.AsSpan(first)));
    }
}
