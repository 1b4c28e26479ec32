using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNetBert.Inference;
using MlNetBert.Interop;
using MlNetBert.Models;
using MlNetBert.Runs;
using MlNetBert.Training.Checkpoints;
using MlNetBert.Training.Loop;
using MlNetBert.Training.Objectives;

namespace MlNetBert.FineTuning;

/// <summary>From rows of a data view to a fine-tuned model, whatever the task: reads, checks, warns and trains.</summary>
internal sealed class FineTuner
{
    private readonly IHost _host;

    /// <exception cref="InvalidOptionsException">An option cannot be; every fault is listed.</exception>
    public FineTuner(IHostEnvironment environment, string name, PretrainedModel start, FineTuningOptions options)
    {
        options.Validate(start);
        _host = environment.Register(name);
        Environment = environment;
        Start = start;
        Tokenizer = start.Tokenizer;
        Options = options;
        Settings = SequenceSettings.Of(options, start);
        Encoder = new SequenceEncoder(start, Settings);
    }

    /// <summary>The model to start from, which its owner may dispose of at any time.</summary>
    public PretrainedModel Start { get; }

    /// <summary>The tokenizer of the model to start from.</summary>
    public SubwordTokenizer Tokenizer { get; }

    /// <summary>How to train.</summary>
    public FineTuningOptions Options { get; }

    /// <summary>How texts are cut.</summary>
    public SequenceSettings Settings { get; }

    /// <summary>Encodes texts for the model.</summary>
    public SequenceEncoder Encoder { get; }

    /// <summary>What transformers are registered with.</summary>
    public IHostEnvironment Environment { get; }

    /// <summary>Trains.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="texts">The columns that the transformer reads.</param>
    /// <param name="task">What is trained.</param>
    /// <returns>What the transformer holds; its model is the caller's to dispose of.</returns>
    /// <exception cref="ObjectDisposedException">The model to start from was disposed of.</exception>
    public FineTunedState Fit<TModel, TLabel>(IDataView input, SentenceColumns texts, FineTuningTask<TModel, TLabel> task)
        where TModel : LanguageModelModule
    {
        // A handle of its own: who has the other may dispose of it while this trains.
        using var start = Start.Share();
        using var channel = _host.Start("Fine-tune");
        if (Options.CheckpointDirectory is { } directory)
            new CheckpointStore(directory).CheckWritable();
        var settings = DeviceChoice.OfContext(Options, Environment, channel);
        TrainingDevice.Resolve(settings.Device);
        // Before the training rows are read: what the evaluation rows lack is told at once.
        var heldOut = Options.EvaluationData is { } data ? EvaluationRows(input, data, task) : null;
        var training = Read(input, task, "training", channel, out var counts);
        task.Check(training, counts);
        channel.Warn(KnownTokens.Check(training.Texts, Tokenizer));
        var evaluation = heldOut is null ? null : Read(heldOut, task, "evaluation", channel, out _);
        if (evaluation is { Count: 0 })
            throw new InvalidDataException(
                $"{nameof(FineTuningOptions.EvaluationData)} has no row with a label that the training rows have: expected at least one. "
                    + "Take it through the same fitted steps as the training rows.");
        if (Options.EvaluationFraction > 0)
        {
            (training, evaluation) = task.Split(training, Options.EvaluationFraction);
            task.Check(training, counts);
        }

        var options = RowsFolder.In(settings, training.Fingerprint, channel);
        var run = new FineTuningRun<TModel, TLabel>(
            task, training, evaluation, start, options, TrainingRun.SeedOf(Options, Environment),
            text => channel.Info(MessageSensitivity.None, "{0}", text));
        channel.Info(MessageSensitivity.None, "Fine-tuning for {0} on {1} examples, evaluating on {2}.", task.Name, training.Count,
            evaluation?.Count ?? 0);
        channel.Warn(run.Warnings().Concat(task.Warnings(training, evaluation)));
        using var host = new HostCancellation(Environment as ICancelable, new ChannelLog(channel));
        var (model, result) = run.Run(host, host.Token);
        return new FineTunedState(model, texts, Settings, result.History, result.Evaluation, Options.Prediction);
    }

    private IDataView EvaluationRows<TModel, TLabel>(IDataView input, IDataView data, FineTuningTask<TModel, TLabel> task)
        where TModel : LanguageModelModule
    {
        // Rows as the pipeline's first step takes them go through the same steps as the training rows did.
        var rows = task.Accepts(data.Schema) ? data : EvaluationReplay.Apply(_host, input, [.. task.Columns], data);
        task.CheckEvaluation(rows.Schema);
        return rows;
    }

    private SequenceExamples<TLabel> Read<TModel, TLabel>(
        IDataView rows, FineTuningTask<TModel, TLabel> task, string what, IChannel channel, out RowCounts counts)
        where TModel : LanguageModelModule
    {
        var examples = new SequenceExamples<TLabel>(task.PaddingIdOf(Encoder));
        counts = new RowCounts(task.Words);
        using (var cursor = rows.GetRowCursor(task.Columns.Select(name => rows.Schema[name])))
        {
            var read = task.CreateReader(cursor);
            while (cursor.MoveNext())
            {
                Options.CancellationToken.ThrowIfCancellationRequested();
                counts.Rows++;
                read(examples, counts);
            }
        }

        channel.Warn(counts.Warnings(what, Settings.MaxLength));
        return examples;
    }
}
