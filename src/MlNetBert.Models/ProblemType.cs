namespace MlNetBert.Models;

/// <summary>What a sequence classifier's labels are, and so which loss it trains on (<c>problem_type</c> in config.json).</summary>
[Experimental("MLNETBERT001")]
public enum ProblemType
{
    /// <summary>One label of several: cross entropy over int64 labels [batch].</summary>
    SingleLabelClassification,

    /// <summary>Any number of labels at once: binary cross entropy with logits over float32 labels [batch, labels].</summary>
    MultiLabelClassification,

    /// <summary>Numbers: mean squared error over float32 labels [batch, labels].</summary>
    Regression,
}
