namespace Quickstart;

/// <summary>A number for a text that looks random and is the same on every machine: FNV-1a with a finisher.</summary>
public static class StableOrder
{
    /// <summary>The text's number.</summary>
    public static ulong Of(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        return hash ^ (hash >> 33);
    }
}
