using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNetBert.QuestionAnswering;

/// <summary>The columns that question answering adds.</summary>
/// <param name="Text">The vector of answers.</param>
/// <param name="Start">The vector of their places.</param>
/// <param name="Score">The vector of their probabilities.</param>
/// <param name="Count">Entries of each.</param>
internal sealed record AnswerOutputs(string Text, string Start, string Score, int Count)
{
    /// <summary>The columns under a prefix.</summary>
    public static AnswerOutputs Below(string prefix, int count) => new(prefix + ".Text", prefix + ".Start", prefix + ".Score", count);

    /// <summary>The columns with the type of their items.</summary>
    public IReadOnlyList<(string Name, PrimitiveDataViewType Type)> Columns =>
        [(Text, TextDataViewType.Instance), (Start, NumberDataViewType.Int32), (Score, NumberDataViewType.Single)];

    /// <summary>These columns as a schema promises them.</summary>
    public IEnumerable<SchemaShape.Column> Promised =>
        Columns.Select(c => new SchemaShape.Column(c.Name, SchemaShape.Column.VectorKind.Vector, c.Type, false));

    public void Save(ModelSaveContext ctx)
    {
        ctx.SaveNonEmptyString(Text);
        ctx.SaveNonEmptyString(Start);
        ctx.SaveNonEmptyString(Score);
        ctx.Writer.Write(Count);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; version 1 had a name for the answers and one for the scores.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public static AnswerOutputs Load(ModelLoadContext ctx, string file)
    {
        var text = ctx.LoadNonEmptyString();
        var start = ctx.Header.ModelVerWritten == 1 ? text + ".Start" : ctx.LoadNonEmptyString();
        var outputs = new AnswerOutputs(text, start, ctx.LoadNonEmptyString(), ctx.Reader.ReadInt32());
        return outputs.Count is >= 1 and <= MaxCount ? outputs : throw new ModelFormatException(file,
            $"expected 1 to {MaxCount} answers, found {outputs.Count}. Save the model again.");
    }

    /// <summary>The most answers that may be asked for.</summary>
    public const int MaxCount = 1000;
}
