using Microsoft.ML;
using MlNetBert.HuggingFace;

namespace MlNetBert.QuestionAnswering;

/// <summary>How a context is cut into windows, settled for one model.</summary>
/// <param name="Length">Tokens of a window, the question and special tokens included.</param>
/// <param name="Stride">Tokens of context that neighbouring windows share.</param>
/// <param name="MaxQuestionLength">Tokens of a question that are read.</param>
/// <param name="MaxAnswerLength">Tokens of the longest answer that is predicted.</param>
internal sealed record WindowSettings(int Length, int Stride, int MaxQuestionLength, int MaxAnswerLength)
{
    /// <summary>[CLS] and two [SEP].</summary>
    public const int SpecialTokens = 3;

    /// <summary>Tokens of a window where nothing is said: those of Devlin et al. 2019.</summary>
    public const int DefaultLength = 384;

    private const int DefaultStride = 128;
    private const int DefaultQuestion = 64;

    /// <summary>Tokens of context that a window has beside a question of the most tokens.</summary>
    public int LeastContext => Length - SpecialTokens - MaxQuestionLength;

    /// <summary>Settles the options.</summary>
    public static WindowSettings Of(QuestionAnswerOptions options, int length)
    {
        var question = options.MaxQuestionLength ?? Math.Min(DefaultQuestion, (length - SpecialTokens) / 2);
        var stride = options.Stride ?? Math.Min(DefaultStride, (length - SpecialTokens - question) / 2);
        return new WindowSettings(length, stride, question, options.MaxAnswerLength);
    }

    public void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(Stride);
        ctx.Writer.Write(MaxQuestionLength);
        ctx.Writer.Write(MaxAnswerLength);
    }

    public static WindowSettings Load(ModelLoadContext ctx, int length) =>
        new(length, ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32());

    /// <summary>Refuses what a damaged file says.</summary>
    /// <exception cref="ModelFormatException">The settings cannot be.</exception>
    public void Check(string file)
    {
        if (MaxQuestionLength < 1 || MaxAnswerLength < 1 || Stride < 0 || Stride >= LeastContext)
            throw new ModelFormatException(file,
                $"expected windows over contexts that hold a question and go forward, found {this}. Save the model again.");
    }
}
