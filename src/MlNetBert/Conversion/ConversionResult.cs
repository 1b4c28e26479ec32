using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Conversion;

/// <summary>What a conversion wrote.</summary>
/// <param name="Output">The full path of the directory or zip.</param>
/// <param name="Kind"><see cref="ModelSourceKind.Directory"/> or <see cref="ModelSourceKind.Zip"/>.</param>
/// <param name="Dtypes">The types of the floating-point weights that were written; one, unless a checkpoint of several was taken as it
/// is.</param>
/// <param name="Files">The files.</param>
internal sealed record ConversionResult(string Output, ModelSourceKind Kind, IReadOnlyList<SafetensorsDtype> Dtypes,
    IReadOnlyList<ConvertedFile> Files)
{
    /// <summary>What there is to say about the model's files; they were copied as they are.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The objective whose pipeline a zip has; null where the zip embeds texts, and for a directory.</summary>
    public string? Objective { get; init; }
}
