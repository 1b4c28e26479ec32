namespace MlNetBert.HuggingFace;

/// <summary>
/// Refuses a path from outside (an index, a zip, the hub) that could leave the directory it belongs to, under Unix's and Windows' rules
/// both.
/// </summary>
internal static class RelativePath
{
    /// <summary>What is wrong with a path from outside.</summary>
    /// <param name="path">A path relative to a directory, with <c>/</c> between its parts.</param>
    /// <returns>What is wrong, or null for a path that stays inside.</returns>
    public static string? FaultOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
            return "it is empty";
        if (path.Length > 4096)
            return $"it has {path.Length} characters";
        if (path[0] is '/' or '\\')
            return "it is absolute";
        if (path.Contains('\\'))
            return "it has a backslash, which Windows takes for a separator";
        if (path.Contains(':'))
            return "it has a colon, which on Windows names a drive or a stream";
        if (path.Any(char.IsControl))
            return "it has a control character";
        foreach (string part in path.Split('/'))
        {
            if (part.Length == 0)
                return "it has an empty part";
            if (part is "." or "..")
                return $"it has a part '{part}'";
            if (part[^1] is '.' or ' ')
                return "it has a part that ends with a dot or a space, which Windows drops";
            if (IsDevice(part))
                return $"it has a part '{part}', which on Windows is a device";
        }
        return null;
    }

    /// <summary>Whether a full path leads to something below a directory, by its text alone.</summary>
    /// <param name="path">The path.</param>
    /// <param name="directory">The directory, without a separator at its end.</param>
    public static bool IsBelow(string path, string directory) =>
        path.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static bool IsDevice(string part)
    {
        string stem = part.Split('.')[0].TrimEnd();
        return stem.ToUpperInvariant() is "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$"
            || (stem.Length == 4
                && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase)
                    || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase))
                && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³'));
    }
}
