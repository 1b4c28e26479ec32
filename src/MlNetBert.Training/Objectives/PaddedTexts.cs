using static TorchSharp.torch;

namespace MlNetBert.Training.Objectives;

/// <summary>Texts padded to the longest of them, in ordinary memory.</summary>
[Experimental("MLNETBERT001")]
public sealed class PaddedTexts
{
    private readonly int[] _ids;
    private readonly int[]? _typeIds;
    private readonly int[]? _lengths;

    /// <summary>Pads texts.</summary>
    /// <param name="texts">At least one.</param>
    /// <param name="paddingId">The id of padding.</param>
    public PaddedTexts(IReadOnlyList<EncodedText> texts, int paddingId)
    {
        ArgumentNullException.ThrowIfNull(texts);
        Rows = texts.Count;
        Length = texts.Max(t => t.Ids.Length);
        Tokens = texts.Sum(t => (long)t.Ids.Length);
        _ids = new int[Rows * Length];
        Array.Fill(_ids, paddingId);
        _typeIds = texts.Any(t => t.TokenTypeIds is not null) ? new int[_ids.Length] : null;
        _lengths = Tokens == _ids.Length ? null : [.. texts.Select(t => t.Ids.Length)];
        for (var row = 0; row < Rows; row++)
        {
            texts[row].Ids.CopyTo(_ids, row * Length);
            texts[row].TokenTypeIds?.CopyTo(_typeIds!, row * Length);
        }
    }

    /// <summary>How many texts.</summary>
    public int Rows { get; }

    /// <summary>Tokens a row, padding included.</summary>
    public int Length { get; }

    /// <summary>Tokens of all rows, padding left out.</summary>
    public long Tokens { get; }

    /// <summary>Makes the tensors.</summary>
    /// <param name="device">Where.</param>
    /// <returns>What a model's forward pass takes.</returns>
    public SequenceInputs ToTensors(Device device) => new(
        BatchTensors.Matrix(_ids, Rows, Length, device),
        _lengths is null ? null : BatchTensors.AttentionMask(_lengths, Length, device),
        _typeIds is null ? null : BatchTensors.Matrix(_typeIds, Rows, Length, device));
}
