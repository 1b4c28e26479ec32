using MlNetBert.Tests.Common;

/// <summary>Called by the runtime before the entry point, in processes that <see cref="ChildProcess"/> starts. The runtime asks for this name and no namespace.</summary>
internal static class StartupHook
{
    /// <summary>Runs the child's work and ends the process.</summary>
    public static void Initialize() => ChildProcess.RunAsChild();
}
