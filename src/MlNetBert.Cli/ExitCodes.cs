namespace MlNetBert.Cli;

/// <summary>What the tool returns to its caller.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The work failed: one message on standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The arguments are wrong: nothing was done.</summary>
    public const int WrongArguments = 2;

    /// <summary>Interrupted from the terminal (SIGINT).</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of standard output is gone, as a process ends that SIGPIPE ends.</summary>
    public const int ReaderGone = 141;

    /// <summary>Asked to end (SIGTERM).</summary>
    public const int Terminated = 143;
}
