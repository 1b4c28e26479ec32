using MlNetBert.Text.Blocks;

namespace MlNetBert.Training.Objectives.Denoising;

/// <summary>Batches of blocks that are corrupted as they are asked for, anew in every epoch, for a decoder to restore.</summary>
[Experimental("MLNETBERT001")]
public sealed class DenoisingBlocks : IBatchSource<CorruptedBatch>
{
    private readonly IBlockSource _blocks;
    private readonly ICorruption _corruption;
    private readonly int _decoderStart;
    private readonly int _stream;

    /// <summary>Creates the source.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="corruption">How they are corrupted: <see cref="SpanCorruption"/> or <see cref="TextInfilling"/>.</param>
    /// <param name="decoderStart">The token that the model's decoder begins with.</param>
    /// <param name="stream">One of <see cref="RandomStreams"/>: training and evaluation are corrupted differently.</param>
    public DenoisingBlocks(
        IBlockSource blocks, ICorruption corruption, int decoderStart, int stream = RandomStreams.TrainingCorruption)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(corruption);
        (_blocks, _corruption, _decoderStart, _stream) = (blocks, corruption, decoderStart, stream);
    }

    /// <inheritdoc/>
    public long Count => _blocks.Count;

    /// <inheritdoc/>
    public CorruptedBatch Prepare(ReadOnlySpan<long> examples, TrainingPosition at)
    {
        var (sources, targets) = (new int[examples.Length][], new int[examples.Length][]);
        var ids = new int[_blocks.BlockLength];
        var corrupted = new CorruptedBlock();
        for (var row = 0; row < examples.Length; row++)
        {
            var block = ids.AsSpan(0, _blocks.Read(examples[row], ids));
            _corruption.Corrupt(block, new CorruptionKey(_stream, at.Epoch, examples[row], at.Progress), corrupted);
            (sources[row], targets[row]) = ([.. corrupted.Ids], [.. corrupted.Labels]);
        }

        return TextToTextBatch.Of(examples, sources, targets, _corruption.PaddingTokenId, _decoderStart);
    }
}
