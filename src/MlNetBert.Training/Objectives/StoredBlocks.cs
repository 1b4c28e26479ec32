using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives;

/// <summary>
/// Batches of blocks whose targets were chosen elsewhere, so that two programs are measured on the same ones: a safetensors file with
/// <c>input_ids</c> and <c>labels</c>, integers [blocks, length], labels -100 where there is nothing to predict, and where it has one
/// <c>attention_mask</c> of that shape; likewise <c>token_type_ids</c>, and of pairs of texts their labels. They are the same in every
/// epoch.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed class StoredBlocks : IBatchSource<CorruptedBatch>
{
    /// <summary>The label of a token that is not to be predicted.</summary>
    public const int IgnoredLabel = -100;

    private readonly int[] _inputIds;
    private readonly int[] _labels;
    private readonly int[]? _attention;
    private readonly int[]? _types;
    private readonly int[]? _pairs;
    private readonly int _length;
    private readonly int _shift;
    private readonly bool? _isCausal;

    /// <summary>Reads the file, whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The model that reads the blocks.</param>
    /// <param name="shift">How many places before its own a label is predicted: 0 in masked language modeling, 1 where a token is predicted
    /// from those before it, as transformers shifts causal labels. A label that has no such place in its block is left out.</param>
    /// <param name="pairLabels">The tensor with the labels of pairs of texts [blocks], 0 or 1, −100 for none; null where blocks are no
    /// pairs.</param>
    /// <param name="isCausal">The <see cref="CorruptedBlock.IsCausal"/> of all blocks.</param>
    /// <exception cref="ModelFormatException">The file lacks a tensor, or one has another shape or type, or an id that the model has
    /// not.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public StoredBlocks(string path, ModelConfig config, int shift = 0, string? pairLabels = null, bool? isCausal = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegative(shift);
        (_shift, _isCausal) = (shift, isCausal);
        using var file = SafetensorsFile.Open(path);
        (_inputIds, _attention) = ReadIds(file, config, out var shape);
        _length = (int)shape[1];
        _labels = Read(
            file, "labels", shape, id => id == IgnoredLabel
                || (id >= 0 && id < config.VocabularySize), $"-100 or ids from 0 to {config.VocabularySize - 1}");
        // An architecture without segments takes none.
        if (file.Tensors.ContainsKey("token_type_ids") && config.TokenTypeCount > 1)
        {
            _types = Read(file, "token_type_ids", shape, type => type >= 0 && type < config.TokenTypeCount,
                $"segments from 0 to {config.TokenTypeCount - 1}");
        }

        _pairs = pairLabels is null ? null
            : Read(file, pairLabels, [shape[0]], label => label is 0 or 1 or CorruptedBlock.NoPair, "0, 1 or -100");
        if (Targets(_labels).Length == 0)
            throw new ModelFormatException(path, shift == 0
                ? "has no target: every label is -100."
                : "has no target: every label is -100 or stands at the beginning of its block, where nothing comes before it.");
    }

    /// <summary>Reads blocks alone, which are corrupted here.</summary>
    /// <param name="path">A safetensors file with <c>input_ids</c>, integers [blocks, length], and where it has one
    /// <c>attention_mask</c> of that shape, with padding behind the tokens of a block. Other tensors are not read.</param>
    /// <param name="config">The model that reads the blocks.</param>
    /// <param name="vocabularySize">Ids that there are, at most the model's.</param>
    /// <returns>The blocks.</returns>
    /// <exception cref="ModelFormatException">As of the constructor, or padding stands before a token.</exception>
    internal static BlockArray ReadBlocks(string path, ModelConfig config, int vocabularySize)
    {
        using var file = SafetensorsFile.Open(path);
        var (ids, attention) = ReadIds(file, config with { VocabularySize = vocabularySize }, out var shape);
        var length = (int)shape[1];
        var blocks = new BlockArray(length, vocabularySize);
        for (var start = 0; start < ids.Length; start += length)
        {
            var mask = attention is null ? [] : attention.AsSpan(start, length);
            var tokens = mask.IsEmpty ? length : mask.LastIndexOf(1) + 1;
            if (mask[..Math.Min(tokens, mask.Length)].Contains(0) || tokens == 0)
            {
                throw new ModelFormatException(path,
                    $"expected padding (0 in 'attention_mask') behind the tokens of block {start / length}, found "
                        + (tokens == 0 ? "no token." : "some before a token."));
            }

            blocks.Add(ids.AsSpan(start, tokens));
        }

        return blocks;
    }

    /// <inheritdoc/>
    public long Count => _inputIds.Length / _length;

    /// <inheritdoc/>
    public CorruptedBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var numbers = examples.ToArray();
        var labels = Rows(_labels, numbers, _length);
        var targets = Targets(labels);
        var attention = _attention is null ? null : Rows(_attention, numbers, _length);
        var pairs = _pairs is null ? null : Array.ConvertAll(numbers, number => _pairs[number]);
        long[] counts = [targets.Length];
        return new CorruptedBatch
        {
            Examples = numbers,
            InputIds = Rows(_inputIds, numbers, _length),
            Rows = numbers.Length,
            Length = _length,
            AttentionMask = attention,
            Positions = Array.ConvertAll(targets, place => place - _shift),
            Labels = Array.ConvertAll(targets, place => labels[place]),
            TokenTypeIds = _types is null ? null : Rows(_types, numbers, _length),
            PairLabels = pairs,
            CausalRows = _isCausal is { } isCausal ? [.. numbers.Select(_ => isCausal)] : null,
            TargetCounts = pairs is not null ? [.. counts, pairs.Count(label => label != CorruptedBlock.NoPair)]
                : _isCausal is { } causal ? (causal ? [.. counts, 0] : [0, .. counts])
                : counts,
            Tokens = attention is null ? (long)numbers.Length * _length : attention.Sum(),
        };
    }

    /// <summary>The places of the labels that are predicted, of whole rows.</summary>
    private int[] Targets(int[] labels) =>
        [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] != IgnoredLabel && i % _length >= _shift)];

    /// <summary>The rows of some blocks one after the other.</summary>
    internal static T[] Rows<T>(T[] values, long[] numbers, int length)
    {
        var rows = new T[checked(numbers.Length * length)];
        for (var row = 0; row < numbers.Length; row++)
            values.AsSpan(checked((int)(numbers[row] * length)), length).CopyTo(rows.AsSpan(row * length));
        return rows;
    }

    /// <summary>The shape [blocks, length] of a file's blocks, which the model can read.</summary>
    internal static IReadOnlyList<long> ShapeOf(SafetensorsFile file, ModelConfig config, string name = "input_ids")
    {
        var shape = file.Describe(name).Shape;
        if (shape.Length != 2 || shape[0] * shape[1] == 0)
            throw new ModelFormatException(file.Name,
                $"expected '{name}' [blocks, length] with at least one block, found [{string.Join(", ", shape)}].");
        if (shape[1] > config.LongestSequence)
            throw new ModelFormatException(file.Name,
                $"has blocks of {shape[1]} tokens, but the model has {config.LongestSequence} positions: make the "
                    + "file with shorter blocks.");
        return shape;
    }

    private static (int[] Ids, int[]? Attention) ReadIds(SafetensorsFile file, ModelConfig config, out IReadOnlyList<long> shape)
    {
        shape = ShapeOf(file, config);
        return (
            Read(file, "input_ids", shape, id => id >= 0 && id < config.VocabularySize, $"ids from 0 to {config.VocabularySize - 1}"),
            file.Tensors.ContainsKey("attention_mask") ? Read(file, "attention_mask", shape, value => value is 0 or 1, "0 or 1") : null);
    }

    /// <summary>Whole numbers of a file, each of which is allowed.</summary>
    internal static int[] Read(SafetensorsFile file, string name, IReadOnlyList<long> shape, Predicate<long> allowed, string expected)
    {
        var tensor = file.Describe(name);
        if (!tensor.Shape.SequenceEqual(shape))
            throw new ModelFormatException(file.Name,
                $"expected '{name}' of the shape [{string.Join(", ", shape)}], found [{string.Join(", ", tensor.Shape)}].");
        if (tensor.Dtype.IsFloatingPoint())
            throw new ModelFormatException(file.Name, $"expected integers in '{name}', found {tensor.Dtype.ToName()}.");
        var values = new long[shape.Aggregate(1L, (product, size) => product * size)];
        TensorConversion.ToInt64(file.GetBytes(name), tensor.Dtype, values);
        var wrong = Array.FindIndex(values, value => !allowed(value));
        return wrong < 0
            ? Array.ConvertAll(values, value => (int)value)
            : throw new ModelFormatException(file.Name,
                $"expected {expected} in '{name}', found {values[wrong]} in block {wrong / (values.Length / shape[0])}. The file "
                    + "was made for another model.");
    }
}
