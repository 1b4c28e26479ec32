using System.Text;

namespace MlNetBert.Cli.Parsing;

/// <summary>The lines of standard input: UTF-8, parted by line feeds alone, so that every text keeps what else it holds.</summary>
internal static class StandardLines
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads standard input.</summary>
    /// <exception cref="InvalidDataException">A line is not UTF-8.</exception>
    public static IEnumerable<string> Read() => Read(Console.OpenStandardInput());

    /// <summary>Reads the lines of a stream: empty ones too, without their line ends. What follows the last line feed is a line if there is anything.</summary>
    public static IEnumerable<string> Read(Stream stream)
    {
        var buffer = new byte[1 << 16];
        var line = new MemoryStream();
        long number = 1;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            var start = 0;
            for (int end; (end = Array.IndexOf(buffer, (byte)'\n', start, read - start)) >= 0; start = end + 1)
            {
                line.Write(buffer, start, end - start);
                yield return Decode(line, number++);
                line.SetLength(0);
            }

            line.Write(buffer, start, read - start);
        }

        if (line.Length > 0)
            yield return Decode(line, number);
    }

    private static string Decode(MemoryStream line, long number)
    {
        var bytes = line.GetBuffer().AsSpan(0, (int)line.Length);
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"Standard input, line {number}: expected UTF-8, found other bytes at byte {e.Index + 1}. Convert the text to UTF-8.", e);
        }
    }
}
