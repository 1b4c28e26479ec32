using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;

namespace MlNetBert.Tests.Common;

/// <summary>The rows that the saved models of tests/Fixtures/SavedModels are trained and tried on.</summary>
internal static class SavedRows
{
    /// <summary>Rows that were recorded beside a saved model, as the class that it was trained with.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="name">The model's file name.</param>
    /// <param name="rows">What was recorded.</param>
    public static IDataView View(MLContext ml, string name, JsonNode rows) => name switch
    {
        "classification.zip" or "embedding.zip" => View<KindRow>(ml, rows),
        "similarity.zip" => View<SimilarRow>(ml, rows),
        "entities.zip" => View<TagRow>(ml, rows),
        "answers.zip" => View<QuestionRow>(ml, rows),
        _ => View<TextRow>(ml, rows),
    };

    private static IDataView View<T>(MLContext ml, JsonNode rows)
        where T : class =>
        ml.Data.LoadFromEnumerable(rows.Deserialize<T[]>());

    /// <summary>A text.</summary>
    internal sealed class TextRow
    {
        public string Text { get; set; } = "";
    }

    /// <summary>A text of a kind.</summary>
    internal sealed class KindRow
    {
        public string Label { get; set; } = "tame";

        public string Sentence1 { get; set; } = "";
    }

    /// <summary>Two texts and how alike they are.</summary>
    internal sealed class SimilarRow
    {
        public float Label { get; set; }

        public string Sentence1 { get; set; } = "";

        public string Sentence2 { get; set; } = "";
    }

    /// <summary>A text and a tag for each word.</summary>
    internal sealed class TagRow
    {
        public string Sentence { get; set; } = "";

        public string[] Label { get; set; } = [];
    }

    /// <summary>A question about a text.</summary>
    internal sealed class QuestionRow
    {
        public string Context { get; set; } = "";

        public string Question { get; set; } = "";

        public string TrainingAnswer { get; set; } = "";

        public int AnswerIndex { get; set; }
    }
}
