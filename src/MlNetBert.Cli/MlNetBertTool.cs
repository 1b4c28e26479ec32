using System.Globalization;
using MlNetBert.Cli.Native;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;

namespace MlNetBert.Cli;

/// <summary>
/// The <c>mlnet-bert</c> tool, for a program that registers objectives, architectures or tokenizers of its own before it runs it.
/// </summary>
[Experimental("MLNETBERT001")]
public static class MlNetBertTool
{
    /// <summary>Runs the tool. Once in a process: it sets the culture and takes standard streams and signals.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <returns>The exit code.</returns>
    public static int Run(params string[] args)
    {
        // Numbers and texts are read and written the same whatever the user's language: a comma is no decimal point in any.
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        Console.SetError(new TolerantWriter(StandardStream.OpenError()));
        return CommandLine.Run(args);
    }

    private static int Main(string[] args) => Run(args);
}
