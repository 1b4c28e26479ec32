using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Blocks;
using MlNetBert.Runs;
using MlNetBert.Text.Blocks;
using MlNetBert.Tokenization;
using MlNetBert.Training.Objectives;

namespace MlNetBert.Pretraining;

/// <summary>Corrupts the first blocks as training would, and shows them.</summary>
internal static class CorruptionPreviewer
{
    public static CorruptionPreview Preview(IHostEnvironment environment, IDataView data, string columnName, int maxBlocks,
        PretrainingOptions options)
    {
        options.Validate(fromCheckpoint: false);
        var host = environment.Register(nameof(CorruptionPreview));
        var column = TokenColumn.Find(data.Schema, columnName, nameof(columnName));
        var tokenizer = TokenColumn.RequireTokenizer(column);
        // Which blocks are held out depends on how many there are, and some objectives look at others; else the first ones are enough.
        var enough = options.EvaluationFraction == 0 && !options.Task.CombinesDocuments ? maxBlocks : long.MaxValue;
        var grouping = options.Task.GroupingFor(PackedBlocks.GroupingOf(column));
        var all = PackedBlocks.Collect(host, data, column, tokenizer, grouping, options.CancellationToken, enough);
        var (blocks, _) = PackedBlocks.Split(all, options.EvaluationFraction, column.Name);
        var seed = TrainingRun.SeedOf(options, environment);
        tokenizer = PretrainingRun.TokenizerFor(tokenizer, start: null, options);
        var training = new PretrainingData(blocks, tokenizer, options, seed);
        if (options.Task.CombinesDocuments)
            options.Task.RequireTargets(training, "The data to preview");
        var corruption = options.Task.CreateCorruption(training)
            ?? throw new NotSupportedException($"The objective '{options.Task.Name}' corrupts no block, so there is nothing to preview.");
        var rows = new PreviewedBlock[Math.Min(maxBlocks, blocks.Count)];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = Row(blocks, i, corruption, tokenizer);
        return new CorruptionPreview(blocks.BlockLength, seed, rows);
    }

    private static PreviewedBlock Row(IBlockSource blocks, long number, ICorruption corruption, SubwordTokenizer tokenizer)
    {
        var ids = new int[blocks.BlockLength];
        var length = blocks.Read(number, ids);
        var corrupted = new CorruptedBlock();
        corruption.Corrupt(ids.AsSpan(0, length), new CorruptionKey(RandomStreams.TrainingCorruption, Epoch: 0, number), corrupted);
        // A masked token that the place before it predicts is shown where it stands.
        var places = corrupted.Positions.ConvertAll(p => p + corrupted.Shift);
        var isWritten = corrupted.Positions.Count == 0;
        var original = places.Zip(corrupted.Labels).ToDictionary(p => p.First, p => p.Second);
        var mask = tokenizer.SpecialTokens.MaskTokenId;
        var masked = places.Count(p => corrupted.Ids[p] == mask);
        // What stood there: pairs are put together of other tokens than the block's, in places of their own.
        var isPair = corrupted.PairLabel is { } label && label != CorruptedBlock.NoPair;
        var kept = original.Count(target => corrupted.Ids[target.Key] == (isPair ? target.Value : ids[target.Key])
            && corrupted.Ids[target.Key] != mask);
        return new PreviewedBlock
        {
            Index = number,
            Text = Text(CollectionsMarshal.AsSpan(corrupted.Ids), original, tokenizer),
            Target = isWritten ? Text(CollectionsMarshal.AsSpan(corrupted.Labels), [], tokenizer) : "",
            PairLabel = corrupted.PairLabel is CorruptedBlock.NoPair ? null : corrupted.PairLabel,
            IsCausal = corrupted.IsCausal,
            TokenCount = corrupted.Ids.Count,
            MaskedCount = isWritten ? corrupted.Labels.Count : masked,
            ReplacedCount = corrupted.Positions.Count - masked - kept,
            KeptCount = kept,
        };
    }

    private static string Text(ReadOnlySpan<int> ids, Dictionary<int, int> original, SubwordTokenizer tokenizer)
    {
        var text = new StringBuilder();
        for (var i = 0; i < ids.Length; i++)
        {
            var piece = tokenizer.Vocabulary[ids[i]];
            if (original.TryGetValue(i, out var label))
                text.Append(i == 0 ? "" : " ").Append('[').Append(piece).Append('|').Append(tokenizer.Vocabulary[label]).Append(']');
            else if (i > 0 && !original.ContainsKey(i - 1) && tokenizer.ContinuesWord(ids[i], ids[i - 1]))
                text.Append(tokenizer.WithoutMark(ids[i]));
            else
                text.Append(i == 0 ? "" : " ").Append(piece);
        }

        return text.ToString();
    }
}
