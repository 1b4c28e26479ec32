using System.Globalization;
using MlNetBert.Cli.Native;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;

// Numbers and texts are read and written the same whatever the user's language: a comma is no decimal point in any.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
Console.SetError(new TolerantWriter(StandardStream.OpenError()));

return CommandLine.Run(args);
