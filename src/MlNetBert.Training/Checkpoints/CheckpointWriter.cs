using MlNetBert.HuggingFace.Safetensors;
using MlNetBert.Training.Optimizers;
using static TorchSharp.torch;

namespace MlNetBert.Training.Checkpoints;

/// <summary>
/// Writes checkpoints behind the training: a step waits only for the copy of the weights, and for the checkpoint before where that is still
/// being written.
/// </summary>
internal sealed class CheckpointWriter : IDisposable
{
    private const string OptimizerFile = "trainer/optimizer.safetensors";
    private const string BestFile = "trainer/best.safetensors";

    private readonly CheckpointStore _store;
    private readonly IModelState _model;
    private readonly RunDescription _run;
    private readonly int _keep;
    private Task _writing = Task.CompletedTask;

    public CheckpointWriter(CheckpointStore store, IModelState model, RunDescription run, int keep)
    {
        _store = store;
        _model = model;
        _run = run;
        _keep = keep;
    }

    /// <summary>Begins to write a checkpoint.</summary>
    /// <param name="state">Where the run stands.</param>
    /// <param name="optimizer">Its moments are copied.</param>
    /// <param name="best">The best weights so far by name, which do not change while they are written.</param>
    public void Begin(TrainerState state, AdamW optimizer, IReadOnlyDictionary<string, Tensor> best)
    {
        Finish();
        var model = _model.Snapshot();
        var moments = optimizer.CopyState();
        var kept = best.Select(b => (b.Key, Tensor: b.Value.clone().DetachFromDisposeScope())).ToList();
        _writing = Task.Run(() =>
        {
            try
            {
                _store.Write(state.Step, directory => Write(directory, state, model, moments, kept));
                _store.Prune(_keep, state.Step, kept.Count > 0 ? null : state.BestStep);
            }
            finally
            {
                model.Dispose();
                foreach (var (_, tensor) in moments.Concat(kept))
                    tensor.Dispose();
            }
        });
    }

    /// <summary>Waits for the checkpoint under way.</summary>
    /// <exception cref="IOException">It could not be written; the earlier ones are whole.</exception>
    public void Finish()
    {
        var writing = _writing;
        _writing = Task.CompletedTask;
        writing.GetAwaiter().GetResult();
    }

    /// <summary>Tells of a checkpoint that could not be written as soon as that is known.</summary>
    /// <exception cref="IOException">It could not be written; the earlier ones are whole.</exception>
    public void ThrowIfFailed()
    {
        if (_writing.IsCompleted)
            Finish();
    }

    /// <summary>Waits for the checkpoint under way, whatever becomes of it.</summary>
    public void Wait() => _writing.ContinueWith(_ => { }, TaskScheduler.Default).Wait();

    /// <summary>Puts model and optimizer back to where a checkpoint left them.</summary>
    public static void Load(string directory, TrainerState state, IModelState model, AdamW optimizer, Action<string> readBest)
    {
        model.Load(directory);
        optimizer.Load(Path.Combine(directory, OptimizerFile), state.Updates);
        var best = Path.Combine(directory, BestFile);
        if (File.Exists(best))
            readBest(best);
    }

    public void Dispose() => Wait();

    private void Write(string directory, TrainerState state, IModelSnapshot model, List<(string, Tensor)> moments,
        List<(string, Tensor)> best)
    {
        model.WriteTo(directory);
        state.Save(directory);
        _run.Save(directory);
        SafetensorsWriter.Write(Path.Combine(directory, OptimizerFile), moments.Select(m => TensorFile.Describe(m.Item1, m.Item2)));
        if (best.Count > 0)
            SafetensorsWriter.Write(Path.Combine(directory, BestFile), best.Select(b => TensorFile.Describe(b.Item1, b.Item2)));
    }
}
