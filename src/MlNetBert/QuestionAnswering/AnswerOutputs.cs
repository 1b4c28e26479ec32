using Microsoft.ML;
using Microsoft.ML.Data;
using MlNetBert.HuggingFace;

namespace MlNetBert.QuestionAnswering;

/// <summary>The columns that question answering adds.</summary>
/// <param name="Answer">The vector of answers; their places are below its name.</param>
/// <param name="Score">The vector of probabilities.</param>
/// <param name="Count">Entries of each.</param>
internal sealed record AnswerOutputs(string Answer, string Score, int Count)
{
    /// <summary>The columns with the type of their items.</summary>
    public IReadOnlyList<(string Name, PrimitiveDataViewType Type)> Columns =>
        [(Answer, TextDataViewType.Instance), (Answer + ".Start", NumberDataViewType.Int32), (Score, NumberDataViewType.Single)];

    public void Save(ModelSaveContext ctx)
    {
        ctx.SaveNonEmptyString(Answer);
        ctx.SaveNonEmptyString(Score);
        ctx.Writer.Write(Count);
    }

    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public static AnswerOutputs Load(ModelLoadContext ctx, string file)
    {
        var outputs = new AnswerOutputs(ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.Reader.ReadInt32());
        return outputs.Count is >= 1 and <= MaxCount ? outputs : throw new ModelFormatException(file,
            $"expected 1 to {MaxCount} answers, found {outputs.Count}. Save the model again.");
    }

    /// <summary>The most answers that may be asked for.</summary>
    public const int MaxCount = 1000;
}
