using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.Training.Objectives.Plm;

/// <summary>
/// Batches of blocks whose targets and order were chosen elsewhere, so that two programs are measured on the same ones: a safetensors file
/// with <c>input_ids</c>, integers [blocks, length], <c>perm_mask</c> [blocks, length, length], 1 where the first place may not see the
/// second, <c>target_mapping_positions</c> and <c>labels</c> [blocks, targets], −1 and −100 behind the targets of a block that has fewer.
/// They are the same in every epoch.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class StoredPermutations : IBatchSource<CorruptedBatch>
{
    private const string Places = "target_mapping_positions";
    private const int NoPlace = -1;

    private readonly int[] _inputIds;
    private readonly byte[] _hidden;
    private readonly int[] _positions;
    private readonly int[] _labels;
    private readonly int _length;
    private readonly int _targets;

    /// <summary>Reads the file, whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The model that reads the blocks.</param>
    /// <exception cref="ModelFormatException">The file lacks a tensor, or one has another shape or type, or an id that the model has
    /// not.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public StoredPermutations(string path, ModelConfig config)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(config);
        using var file = SafetensorsFile.Open(path);
        var shape = StoredBlocks.ShapeOf(file, config);
        _length = (int)shape[1];
        var expected = $"ids from 0 to {config.VocabularySize - 1}";
        _inputIds = StoredBlocks.Read(file, "input_ids", shape, id => id >= 0 && id < config.VocabularySize, expected);
        _hidden = Array.ConvertAll(
            StoredBlocks.Read(file, "perm_mask", [shape[0], shape[1], shape[1]], value => value is 0 or 1, "0 or 1"), value => (byte)value);
        var targets = file.Describe(Places).Shape;
        if (targets.Length != 2 || targets[0] != shape[0] || targets[1] == 0)
            throw new ModelFormatException(
                path, $"expected '{Places}' [{shape[0]}, targets], found [{string.Join(", ", targets)}].");
        _targets = (int)targets[1];
        _positions = StoredBlocks.Read(
            file, Places, targets, place => place >= NoPlace && place < shape[1], $"-1 or places from 0 to {shape[1] - 1}");
        _labels = StoredBlocks.Read(
            file, "labels", targets,
            id => id == StoredBlocks.IgnoredLabel || (id >= 0 && id < config.VocabularySize), $"-100 or {expected}");
        var wrong = Enumerable.Range(0, _labels.Length)
            .FirstOrDefault(i => _positions[i] == NoPlace != (_labels[i] == StoredBlocks.IgnoredLabel), -1);
        if (wrong >= 0)
            throw new ModelFormatException(path,
                $"expected '{Places}' -1 exactly where 'labels' is -100, found {_positions[wrong]} and {_labels[wrong]} in block "
                    + $"{wrong / _targets}.");
        if (Array.TrueForAll(_positions, place => place == NoPlace))
            throw new ModelFormatException(path, "has no target: every label is -100.");
    }

    /// <inheritdoc/>
    public long Count => _inputIds.Length / _length;

    /// <inheritdoc/>
    public CorruptedBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var (positions, labels) = (new List<int>(), new List<int>());
        for (var row = 0; row < examples.Length; row++)
        {
            for (var i = checked((int)(examples[row] * _targets)); i < (examples[row] + 1) * _targets; i++)
            {
                if (_positions[i] == NoPlace)
                    continue;
                positions.Add((row * _length) + _positions[i]);
                labels.Add(_labels[i]);
            }
        }

        var numbers = examples.ToArray();
        return new CorruptedBatch
        {
            Examples = numbers,
            InputIds = StoredBlocks.Rows(_inputIds, numbers, _length),
            Rows = numbers.Length,
            Length = _length,
            HiddenPairs = StoredBlocks.Rows(_hidden, numbers, _length * _length),
            Positions = [.. positions],
            Labels = [.. labels],
            TargetCounts = [labels.Count],
            Tokens = (long)numbers.Length * _length,
        };
    }
}
