namespace MlNetBert.Models.Configuration;

/// <summary>The names of config.json's <c>problem_type</c>.</summary>
internal static class ProblemTypeNames
{
    public const string Supported = "single_label_classification, multi_label_classification, regression";

    public static ProblemType? Parse(string name) => name switch
    {
        "single_label_classification" => ProblemType.SingleLabelClassification,
        "multi_label_classification" => ProblemType.MultiLabelClassification,
        "regression" => ProblemType.Regression,
        _ => null,
    };

    public static string Format(ProblemType problem) => problem switch
    {
        ProblemType.SingleLabelClassification => "single_label_classification",
        ProblemType.MultiLabelClassification => "multi_label_classification",
        _ => "regression",
    };
}
