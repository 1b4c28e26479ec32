using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MlNetBert.Models.Native;

/// <summary>Whose a file is, on Linux: code is loaded from a place only where no other user can have put it, or can exchange it.</summary>
internal static partial class FileOwners
{
    private const uint Root = 0;
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint TypeModeOwners = 0x1B; // STATX_TYPE, MODE, UID and GID
    private const int SizeOfStatx = 256;
    private const int OffsetOfOwner = 20;
    private const int OffsetOfGroup = 24;
    private const int OffsetOfMode = 28;

    /// <summary>Whether a file, and every directory above it, is this user's or root's, and no other user may write there.</summary>
    public static bool AreTrusted(string path)
    {
        try
        {
            var user = UserOf();
            for (var at = TorchLocator.Resolve(path); at is not null; at = Path.GetDirectoryName(at))
            {
                if (!IsTrusted(at, user))
                    return false;
            }

            return true;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // an older C library: nothing is known of the owners
        }
    }

    private static bool IsTrusted(string path, uint user)
    {
        var status = new byte[SizeOfStatx];
        if (Status(CurrentDirectory, path, 0, TypeModeOwners, status) != 0)
            return false;
        var owner = BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(OffsetOfOwner));
        var group = BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(OffsetOfGroup));
        var mode = (UnixFileMode)(BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(OffsetOfMode)) & 0xFFF);
        if (owner != user && owner != Root)
            return false;
        if (mode.HasFlag(UnixFileMode.StickyBit))
            return true; // as /tmp: what is in there is exchanged by its owner alone
        // A group of the owner's own, as many systems give every user, has nobody else in it.
        return !mode.HasFlag(UnixFileMode.OtherWrite) && (!mode.HasFlag(UnixFileMode.GroupWrite) || group == owner);
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint UserOf();

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, [Out] byte[] status);
}
