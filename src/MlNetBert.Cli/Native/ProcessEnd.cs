using System.Runtime.InteropServices;

namespace MlNetBert.Cli.Native;

/// <summary>Ends the process while other threads compute.</summary>
internal static partial class ProcessEnd
{
    private const string ShowCursor = "\e[?25h";
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Ends the process at once. Native exit handlers do not run, as they would with <see cref="Environment.Exit"/>: they free what
    /// libtorch's threads are computing with.
    /// </summary>
    public static void Now(int exitCode)
    {
        if (!Console.IsErrorRedirected)
            // a live display has hidden it; a terminal that is stopped does not hold the end up
            Task.Run(() => Console.Error.Write(ShowCursor)).Wait(Grace);
        if (OperatingSystem.IsWindows())
            TerminateProcess(GetCurrentProcess(), (uint)exitCode);
        else
            Exit(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int exitCode);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetCurrentProcess();

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool TerminateProcess(nint process, uint exitCode);
}
