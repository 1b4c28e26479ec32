using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>
/// Batches of corrupted blocks and their targets that another program has made: a safetensors file with integers <c>input_ids</c>
/// [blocks, length] and <c>labels</c> [blocks, target length]. Labels are -100 where there is nothing to predict; ids of padding are not
/// attended to, or, where the file has one, the zeros of <c>attention_mask</c>. They are the same in every epoch.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class StoredDenoising : IBatchSource<CorruptedBatch>
{
    private readonly int[] _inputIds;
    private readonly int[] _labels;
    private readonly int[] _attention;
    private readonly int _length;
    private readonly int _targetLength;
    private readonly int _padding;
    private readonly int _decoderStart;

    /// <summary>Reads the file, whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The model that reads the blocks.</param>
    /// <param name="decoderStart">The token that the model's decoder begins with.</param>
    /// <exception cref="ModelFormatException">The file lacks a tensor, or one has another shape or type, or an id that the model has
    /// not.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public StoredDenoising(string path, ModelConfig config, int decoderStart)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(config);
        _decoderStart = decoderStart;
        _padding = config.PadTokenId ?? decoderStart;
        using var file = SafetensorsFile.Open(path);
        var (shape, targetShape) = (StoredBlocks.ShapeOf(file, config), StoredBlocks.ShapeOf(file, config, "labels"));
        if (targetShape[0] != shape[0])
            throw new ModelFormatException(path, $"expected 'labels' of the {shape[0]} blocks of 'input_ids', found {targetShape[0]}.");
        (_length, _targetLength) = ((int)shape[1], (int)targetShape[1]);
        _inputIds = StoredBlocks.Read(
            file, "input_ids", shape, id => id >= 0 && id < config.VocabularySize, $"ids from 0 to {config.VocabularySize - 1}");
        _labels = StoredBlocks.Read(
            file, "labels", targetShape, id => id == StoredBlocks.IgnoredLabel || (id >= 0 && id < config.VocabularySize),
            $"-100 or ids from 0 to {config.VocabularySize - 1}");
        _attention = file.Tensors.ContainsKey("attention_mask")
            ? StoredBlocks.Read(file, "attention_mask", shape, value => value is 0 or 1, "0 or 1")
            : Array.ConvertAll(_inputIds, id => id == config.PadTokenId ? 0 : 1);
        if (_labels.All(label => label == StoredBlocks.IgnoredLabel))
            throw new ModelFormatException(path, "has no target: every label is -100.");
        var empty = Enumerable.Range(0, (int)Count).FirstOrDefault(
            block => !_attention.AsSpan(block * _length, _length).Contains(1), defaultValue: -1);
        if (empty >= 0)
            throw new ModelFormatException(path, $"expected a token in every block of 'input_ids', found padding alone in block {empty}.");
    }

    /// <inheritdoc/>
    public long Count => _inputIds.Length / _length;

    /// <inheritdoc/>
    public CorruptedBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var numbers = examples.ToArray();
        var attention = StoredBlocks.Rows(_attention, numbers, _length);
        return TextToTextBatch.Of(
            examples,
            [.. numbers.Select(number => StoredBlocks.Rows(_inputIds, [number], _length))],
            [.. numbers.Select(number => StoredBlocks.Rows(_labels, [number], _targetLength))],
            _padding,
            _decoderStart,
            attention.Contains(0) ? attention : null);
    }
}
