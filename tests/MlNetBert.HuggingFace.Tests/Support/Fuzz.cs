using System.Globalization;
using System.Text;

namespace MlNetBert.HuggingFace.Tests.Support;

/// <summary>Damages inputs in the ways that files are damaged, the same ways at every run.</summary>
internal static class Fuzz
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-1", "0", "1e3", "1e400", "0.5", "9223372036854775807", "18446744073709551616", "\"a\":", "{}", "[]",
            "\"dtype\"", "\"F32\"", "\"F64\"", "\"shape\"", "\"data_offsets\"", "__metadata__", "\\ud800", "\\u0000", "/**/", " ", "../", "C:\\\\", "weight_map", "\uFEFF", "[[[[[[[[",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0],
    ];

    /// <summary>5,000, or what MLNETBERT_FUZZ_CASES says.</summary>
    public static int Cases => int.TryParse(Environment.GetEnvironmentVariable("MLNETBERT_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int cases) ? cases : 5_000;

    public static byte[] Mutate(byte[] input, Random random)
    {
        var bytes = new List<byte>(input);
        for (int rounds = 1 + random.Next(4); rounds > 0; rounds--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, Words[random.Next(Words.Length)]);
                    break;
                case 4 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                case 6 when at < bytes.Count && bytes[at] is >= (byte)'0' and <= (byte)'9':
                    bytes[at] = (byte)('0' + random.Next(10));
                    break;
                case 7 when bytes.Count > 8:
                    bytes[random.Next(8)] = (byte)random.Next(256); // the length of a header
                    break;
            }
        }
        return [.. bytes];
    }
}
