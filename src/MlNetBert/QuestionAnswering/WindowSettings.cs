using Microsoft.ML;
using MlNetBert.HuggingFace;
using MlNetBert.Text.Tokenizers;

namespace MlNetBert.QuestionAnswering;

/// <summary>How a context is cut into windows, settled for one model.</summary>
/// <param name="Length">Tokens of a window, the question and special tokens included.</param>
/// <param name="Stride">Tokens of context that neighbouring windows share.</param>
/// <param name="MaxQuestionLength">Tokens of a question that are read.</param>
/// <param name="MaxAnswerLength">Tokens of the longest answer that is predicted.</param>
internal sealed record WindowSettings(int Length, int Stride, int MaxQuestionLength, int MaxAnswerLength)
{
    /// <summary>Tokens of a window where nothing is said: those of Devlin et al. 2019.</summary>
    public const int DefaultLength = 384;

    private const int DefaultStride = 128;
    private const int DefaultQuestion = 64;

    /// <summary>Tokens of context that a window has beside a question of the most tokens.</summary>
    public int LeastContext(SpecialTokenTemplate template) => Length - template.PairAddedCount - MaxQuestionLength;

    /// <summary>Settles the options.</summary>
    public static WindowSettings Of(QuestionAnswerOptions options, int length, SpecialTokenTemplate template)
    {
        var room = length - template.PairAddedCount;
        var question = options.MaxQuestionLength ?? Math.Min(DefaultQuestion, room / 2);
        var stride = options.Stride ?? Math.Min(DefaultStride, (room - question) / 2);
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
    public void Check(string file, SpecialTokenTemplate template)
    {
        if (MaxQuestionLength < 1 || MaxAnswerLength < 1 || Stride < 0 || Stride >= LeastContext(template))
            throw new ModelFormatException(file,
                $"expected windows over contexts that hold a question and go forward, found {this}. Save the model again.");
    }
}
