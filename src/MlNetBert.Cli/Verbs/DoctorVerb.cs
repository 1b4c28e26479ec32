using System.CommandLine;
using System.Globalization;
using MlNetBert.Cli.Output;
using MlNetBert.Cli.Parsing;
using MlNetBert.Diagnostics;
using MlNetBert.Models.Verification;
using Spectre.Console;

namespace MlNetBert.Cli.Verbs;

/// <summary>What runs here, and what is missing.</summary>
internal sealed class DoctorVerb : Verb
{
    private readonly Option<bool> _check = new("--check")
    {
        Description = "Compute small models and products and compare them with what is right: a line each, in seconds; exit 1 where one "
            + "is off. The first thing to run on a new processor.",
    };

    public DoctorVerb()
        : base("doctor",
            "What runs here: versions, libtorch and where it is from, devices, the precision that will be used, and what is missing.") =>
            Takes(_check);

    public override IReadOnlyList<string> Examples { get; } = ["doctor", "doctor --json", "doctor --check"];

    protected override int Run(ParseResult arguments, Session session)
    {
        if (arguments.GetValue(_check))
            return Tell(NumberChecks.Run(), session);
        var report = EnvironmentReport.Collect();
        session.Result(
            new
            {
                report.Versions,
                report.OperatingSystem,
                report.Architecture,
                report.Processors,
                report.MemoryBytes,
                report.Threads,
                Libtorch = report.Torch is not { } torch ? null : new
                {
                    Version = torch.LibTorchVersion,
                    torch.Source,
                    Directory = torch.LibTorchDirectory,
                    Shim = torch.ShimPath,
                    torch.ShimRepaired,
                    CudaLibrary = torch.HasCudaLibrary,
                },
                report.Devices,
                Bf16InHardware = report.ProcessorMultipliesBFloat16,
                Precision = report.Devices.Count > 0 ? report.Devices[0].Precision : null,
                Hub = new { Cache = report.HubCache, Endpoint = report.HubEndpoint, Offline = report.HubIsOffline },
                report.Missing,
                Ready = report.IsReady,
            },
            screen => Show(report, screen));
        return report.IsReady ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>Tells checks, a line each, and whether all are right.</summary>
    internal static int Tell(IEnumerable<NumberCheck> checks, Session session)
    {
        var off = 0;
        foreach (var check in checks)
        {
            session.CancellationToken.ThrowIfCancellationRequested();
            off += check.IsRight ? 0 : 1;
            session.Result(
                new
                {
                    Check = check.Name,
                    Difference = double.IsFinite(check.Difference) ? check.Difference : (double?)null,
                    Ok = check.IsRight,
                },
                screen => screen.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(check.IsRight ? "ok " : "OFF")}  {check.Difference,8:0.0e+0}  of at most {check.Tolerance:0.0e+0}  {check.Name}")));
        }

        session.Say(
            off == 0 ? "All numbers are right." : $"{off} check{(off == 1 ? " is" : "s are")} off: results on this machine are not to be "
                + "trusted. Try ONEDNN_MAX_CPU_ISA=AVX2 in the environment, and report this output.");
        return off == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Show(EnvironmentReport report, IAnsiConsole screen)
    {
        var torch = report.Torch;
        screen.Facts(
        [
            .. report.Versions.Select(version => (version.Key, (string?)version.Value)),
            ("libtorch",
                torch is null
                    ? "not loaded"
                    : $"{torch.LibTorchVersion ?? "unknown version"} ({torch.Source}) in {torch.LibTorchDirectory}"),
            ("shim", torch is null ? null : torch.ShimPath + (torch.ShimRepaired ? " (a copy, repaired for this system's libstdc++)" : "")),
            ("system",
                $"{report.OperatingSystem}, {report.Architecture}, {report.Processors} processors, "
                    + $"{Tables.Number(report.MemoryBytes / 1e9, "0.#")} GB"),
            ("threads", report.Threads?.ToString(CultureInfo.InvariantCulture)),
            ("devices", string.Join(", ", report.Devices.Select(device => $"{device.Name} ({device.Precision})"))),
            ("bf16 in hardware", BFloat16Of(report)),
            ("hub",
                report.HubCache is null
                    ? null
                    : $"{report.HubEndpoint}{(report.HubIsOffline == true ? " (offline)" : "")}, cache in {report.HubCache}"),
            .. report.Missing.Select(part => ((part.Required ? "MISSING: " : "not there: ") + part.What, (string?)part.Remedy)),
        ]);
    }

    // What was measured; nothing is known where libtorch could not be loaded.
    private static string BFloat16Of(EnvironmentReport report) =>
        (report.ProcessorMultipliesBFloat16, report.Devices.FirstOrDefault(device => device.Name == "cpu")?.Precision) switch
        {
            (false, _) => "no: float32 is faster here",
            (true, "fp32") => "yes, but hardly faster than float32 or slower, which auto takes here",
            _ => "yes",
        };
}
