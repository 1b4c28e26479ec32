using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Mapping;
using MlNetBert.Training;

namespace MlNetBert.FineTuning;

/// <summary>A fine-tuned model as a transformer: what all tasks have in common. Thread-safe; rows are computed lazily, in batches of like length.</summary>
public abstract class FineTunedTransformer : RowMapperTransformer, IModelHolder, IDisposable
{
    private int _cutRowsTold;

    private protected FineTunedTransformer(IHostEnvironment environment, string name, FineTunedState state)
        : base(environment, name)
    {
        State = state;
        Encoder = new SequenceEncoder(state.Model, state.Settings);
    }

    /// <summary>The fine-tuned model. It belongs to this transformer; <see cref="PretrainedModel.From"/> gives one that outlives it.</summary>
    public PretrainedModel Model => State.Model;

    /// <summary>What the training reported.</summary>
    public TrainingHistory History => State.History;

    /// <summary>Figures of the model on held-out rows, at the last evaluation or at the best where that state was kept; null where nothing was evaluated.</summary>
    public EvaluationResult? Evaluation => State.Evaluation;

    /// <summary>Tokens of a text or a pair that are read, special tokens included.</summary>
    public int MaxLength => State.Settings.MaxLength;

    internal FineTunedState State { get; }

    internal SequenceEncoder Encoder { get; }

    /// <summary>Gives the model back; its memory is freed when no other transformer or handle shares it.</summary>
    public void Dispose()
    {
        Model.Dispose();
        GC.SuppressFinalize(this);
    }

    internal void TellCutRows(int rows, int? limit = null)
    {
        if (rows == 0 || Interlocked.Exchange(ref _cutRowsTold, 1) == 1)
            return;
        using var channel = Host.Start("Predict");
        channel.Warning(MessageSensitivity.None, "{0} of the rows so far have more than {1} tokens; they are cut. Further rows are not told.", rows, limit ?? MaxLength);
    }

    private protected override IDataView MakeDataView(RowToRowMapperTransform rows) => new BatchDataView(Host, rows, (IBatchMapper)MakeMapper(rows.Source.Schema));
}
