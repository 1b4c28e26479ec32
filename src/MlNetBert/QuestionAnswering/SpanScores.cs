using MlNetBert.Models;

namespace MlNetBert.QuestionAnswering;

/// <summary>The scores of a window's places.</summary>
/// <param name="Start">Of an answer that starts there.</param>
/// <param name="End">Of one that ends there.</param>
internal sealed record SpanScores(float[] Start, float[] End)
{
    /// <summary>The scores of each window of a batch, those of padding included.</summary>
    public static IReadOnlyList<SpanScores> Of(SpanLogits logits)
    {
        var length = (int)logits.Start.shape[1];
        using var start = logits.Start.cpu();
        using var end = logits.End.cpu();
        return [
            .. start.data<float>().ToArray().Chunk(length).Zip(end.data<float>().ToArray().Chunk(length), (s, e) => new SpanScores(s, e)),
        ];
    }
}
