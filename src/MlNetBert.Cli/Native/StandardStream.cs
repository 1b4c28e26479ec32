using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MlNetBert.Cli.Native;

/// <summary>
/// Standard output or standard error, unbuffered. .NET's own stream drops silently what a reader that is gone does not take; this one says
/// it, and does not wait for a reader that takes nothing when the process is to end. A descriptor that the caller closed
/// (<c>&gt;&amp;-</c>) is a pipe of .NET's by now: whoever read or wrote it would wait for ever.
/// </summary>
internal sealed partial class StandardStream : Stream
{
    private const int InputDescriptor = 0;
    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;
    private const int AtOnce = 4096; // PIPE_BUF: a pipe that is ready takes so much without waiting
    private const int PollMilliseconds = 100;
    private const short PollWrite = 4;
    private const int Interrupted = 4;
    private const int TryAgainLinux = 11;
    private const int TryAgainMac = 35;
    private const int BrokenPipe = 32;
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;

    private readonly int _descriptor;
    private readonly bool _isClosed;
    private readonly CancellationToken _cancellationToken;

    private StandardStream(int descriptor, CancellationToken cancellationToken) =>
        (_descriptor, _isClosed, _cancellationToken) = (descriptor, IsClosed(descriptor), cancellationToken);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens standard input.</summary>
    /// <exception cref="IOException">The caller closed it.</exception>
    public static Stream OpenInput() =>
        !OperatingSystem.IsWindows() && IsClosed(InputDescriptor)
            ? throw new IOException("Standard input cannot be read: it is closed.")
            : Console.OpenStandardInput();

    /// <summary>Opens standard output.</summary>
    /// <param name="cancellationToken">Ends the wait for a reader that takes nothing, with
    /// <see cref="OperationCanceledException"/>.</param>
    public static Stream OpenOutput(CancellationToken cancellationToken = default) =>
        OperatingSystem.IsWindows() ? WindowsPipe(-11)
            ?? Console.OpenStandardOutput() : new StandardStream(OutputDescriptor, cancellationToken);

    /// <summary>Opens standard error.</summary>
    public static Stream OpenError(CancellationToken cancellationToken = default) =>
        OperatingSystem.IsWindows() ? Console.OpenStandardError() : new StandardStream(ErrorDescriptor, cancellationToken);

    /// <summary>Whether writing failed because nobody reads any more.</summary>
    public static bool IsReaderGone(Exception exception) => exception is IOException && (OperatingSystem.IsWindows()
        ? (exception.HResult & 0xFFFF) is 109 or 232 // ERROR_BROKEN_PIPE, ERROR_NO_DATA
        : exception.InnerException is Win32Exception { NativeErrorCode: BrokenPipe });

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
            buffer = buffer[WriteSome(buffer[..Math.Min(buffer.Length, AtOnce)])..];
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static FileStream? WindowsPipe(int number)
    {
        const int Pipe = 3;
        var handle = new SafeFileHandle(GetStdHandle(number), ownsHandle: false);
        return !handle.IsInvalid && GetFileType(handle) == Pipe ? new FileStream(handle, FileAccess.Write, bufferSize: 0) : null;
    }

    // What is handed over to a program is open across exec; what .NET opens in a free place is not.
    private static bool IsClosed(int descriptor) =>
        GetFlags(descriptor, GetDescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0);

    private int WriteSome(ReadOnlySpan<byte> bytes)
    {
        if (_isClosed)
            throw new IOException($"Standard {(_descriptor == OutputDescriptor ? "output" : "error")} cannot be written: it is closed.");
        while (true)
        {
            WaitUntilReady();
            var written = Write(_descriptor, in MemoryMarshal.GetReference(bytes), (nuint)bytes.Length);
            if (written > 0)
                return (int)written;
            var error = Marshal.GetLastPInvokeError();
            if (error is Interrupted or TryAgainLinux or TryAgainMac)
                continue;
            var cause = new Win32Exception(error);
            throw new IOException($"Standard {(_descriptor == OutputDescriptor ? "output" : "error")} cannot be written: {cause.Message}.",
                cause);
        }
    }

    // A signal ends poll early, and the runtime sends its own threads signals all the time: what was interrupted is not ready.
    private void WaitUntilReady()
    {
        var poll = new PollDescriptor { Descriptor = _descriptor, Events = PollWrite };
        while (Poll(ref poll, 1, PollMilliseconds) is var ready
            && (ready == 0 || (ready < 0 && Marshal.GetLastPInvokeError() is Interrupted or TryAgainLinux or TryAgainMac)))
            _cancellationToken.ThrowIfCancellationRequested();
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, in byte bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int GetFlags(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetStdHandle(int number);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetFileType(SafeFileHandle handle);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
