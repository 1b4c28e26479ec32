using System.Runtime.InteropServices;
using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives;

/// <summary>Batches of blocks that are corrupted as they are asked for, anew in every epoch.</summary>
[Experimental("MLNETBERT001")]
public sealed class CorruptedBlocks : IBatchSource<CorruptedBatch>
{
    private readonly IBlockSource _blocks;
    private readonly ICorruption _corruption;
    private readonly int _stream;

    /// <summary>Creates the source.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="corruption">How they are corrupted; what it gives is at most as long as a full block.</param>
    /// <param name="stream">One of <see cref="RandomStreams"/>: training and evaluation are corrupted differently.</param>
    public CorruptedBlocks(IBlockSource blocks, ICorruption corruption, int stream = RandomStreams.TrainingCorruption)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(corruption);
        _blocks = blocks;
        _corruption = corruption;
        _stream = stream;
    }

    /// <inheritdoc/>
    public long Count => _blocks.Count;

    /// <inheritdoc/>
    public CorruptedBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var length = _blocks.BlockLength;
        var ids = new int[examples.Length * length];
        Array.Fill(ids, _corruption.PaddingTokenId);
        var lengths = new int[examples.Length];
        var positions = new List<int>();
        var labels = new List<int>();
        var types = new int[ids.Length];
        var pairs = new List<int>();
        var causal = new List<bool>();
        long causalTargets = 0;
        byte[]? hidden = null;
        var corrupted = new CorruptedBlock();
        long tokens = 0;
        for (var row = 0; row < examples.Length; row++)
        {
            var block = ids.AsSpan(row * length, length);
            var original = block[.._blocks.Read(examples[row], block)];
            _corruption.Corrupt(original, new CorruptionKey(_stream, at.Epoch, examples[row], at.Progress), corrupted);
            original.Fill(_corruption.PaddingTokenId);
            CollectionsMarshal.AsSpan(corrupted.Ids).CopyTo(block);
            CollectionsMarshal.AsSpan(corrupted.TokenTypeIds).CopyTo(types.AsSpan(row * length));
            lengths[row] = corrupted.Ids.Count;
            tokens += lengths[row];
            pairs.AddRange(corrupted.PairLabel is { } label ? [label] : []);
            causal.AddRange(corrupted.IsCausal is { } isCausal ? [isCausal] : []);
            causalTargets += corrupted.IsCausal == true ? corrupted.Labels.Count : 0;
            labels.AddRange(corrupted.Labels);
            foreach (var position in corrupted.Positions)
                positions.Add((row * length) + position);
            if (corrupted.Ranks.Count > 0)
                Hide(corrupted, (hidden ??= new byte[checked(ids.Length * length)]).AsSpan(row * length * length, length * length), length);
        }

        return new CorruptedBatch
        {
            Examples = examples.ToArray(),
            InputIds = ids,
            Rows = examples.Length,
            Length = length,
            Lengths = lengths.All(l => l == length) ? null : lengths,
            TokenTypeIds = types.Any(type => type != 0) ? types : null,
            HiddenPairs = hidden,
            PairLabels = pairs.Count > 0 ? [.. pairs] : null,
            CausalRows = causal.Count > 0 ? [.. causal] : null,
            Positions = [.. positions],
            Labels = [.. labels],
            TargetCounts =
                pairs.Count > 0 ? [labels.Count, pairs.Count(label => label != CorruptedBlock.NoPair)]
                : causal.Count > 0 ? [causalTargets, labels.Count - causalTargets]
                : [labels.Count],
            Tokens = tokens,
        };
    }

    // A target is hidden from all places but those of targets that are predicted later.
    private static void Hide(CorruptedBlock block, Span<byte> pairs, int length)
    {
        var ranks = new Dictionary<int, int>(block.Positions.Zip(block.Ranks, KeyValuePair.Create));
        foreach (var (target, rank) in ranks)
        {
            for (var from = 0; from < length; from++)
                pairs[(from * length) + target] = (byte)(ranks.TryGetValue(from, out var later) && later > rank ? 0 : 1);
        }
    }
}
