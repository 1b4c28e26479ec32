using Microsoft.ML;

namespace MlNetBert.Interop;

/// <summary>The precision of a transformer in its saved form.</summary>
internal static class SavedPrecision
{
    public static void Save(ModelSaveContext ctx, Precision precision) => ctx.Writer.Write((int)precision);

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="ctx">Where it stands.</param>
    /// <param name="file">What messages call the file.</param>
    /// <exception cref="ModelFormatException">There is no such precision.</exception>
    public static Precision Load(ModelLoadContext ctx, string file)
    {
        var precision = (Precision)ctx.Reader.ReadInt32();
        return Enum.IsDefined(precision) ? precision : throw new ModelFormatException(file,
            $"expected a known precision, found {precision}. The file is damaged; save the model again.");
    }
}
