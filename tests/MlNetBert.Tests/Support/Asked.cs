using Microsoft.ML;

namespace MlNetBert.Tests.Support;

/// <summary>Questions that a tiny model learns to answer within seconds: who of a sentence does what.</summary>
internal static class Asked
{
    private static readonly string[] Animals = ["cat", "dog", "fox", "bird"];
    private static readonly string[] Places = ["mat", "log", "wall", "roof", "hill"];

    /// <summary>A sentence about two animals at two places; the animal at one of the places is asked.</summary>
    public static IReadOnlyList<Row> Rows { get; } =
    [
        .. from first in Animals
           from second in Animals
           where first != second
           from i in Enumerable.Range(0, Places.Length)
           let context = $"The {first} sits near the {Places[i]}. The {second} sits near the {Places[(i + 1) % Places.Length]}."
           select new Row { Context = context, Question = "Who?", TrainingAnswer = $"The {first}", AnswerIndex = 0 },
    ];

    public static QuestionAnswerOptions Options(int epochs = 40) => new()
    {
        Epochs = epochs,
        BatchSize = 8,
        LearningRate = 5e-3,
        Threads = 1,
        Precision = Precision.Float32,
        Device = "cpu",
        Dropout = 0,
        LogEveryNSteps = 5,
    };

    public static IDataView Load(MLContext ml, params IEnumerable<Row> rows) => ml.Data.LoadFromEnumerable(rows);

    public sealed record Row
    {
        public string? Context { get; set; }

        public string? Question { get; set; }

        public string? TrainingAnswer { get; set; }

        public int AnswerIndex { get; set; }
    }
}
