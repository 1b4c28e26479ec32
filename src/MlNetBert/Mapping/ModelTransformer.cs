using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNetBert.Inference;
using MlNetBert.Mapping;

namespace MlNetBert;

/// <summary>
/// A transformer that holds a pretrained model. Thread-safe, <see cref="Dispose"/> included: who made the transformer has a lease, and so
/// has each prediction engine, which gives it back when it is disposed of (as ML.NET's engines dispose of their transformer). The model
/// goes with the last lease and the last call that runs; calls after that are refused with an <see cref="ObjectDisposedException"/>.
/// </summary>
public abstract class ModelTransformer : RowMapperTransformer, IModelHolder, IDisposable
{
    private int _leases = 1; // the owner's
    private InferencePlace _place;
    private int _cutRowsTold;

    private protected ModelTransformer(IHostEnvironment environment, string name, PretrainedModel model, PredictionOptions options)
        : base(environment, name)
    {
        Model = model;
        _place = InferencePlace.Of(options, environment);
    }

    /// <summary>
    /// Where and how it computes, as it was asked for; <see cref="InferenceExtensions.PrepareForInference"/> sets others.
    /// </summary>
    public InferenceOptions Inference => Place.Options;

    /// <summary>Where it computes: "cpu", or "cuda:N".</summary>
    public string Device => Place.Device.ToString();

    internal InferencePlace Place => Volatile.Read(ref _place);

    /// <summary>The model. It belongs to this transformer; <see cref="PretrainedModel.FromTransformer"/> gives one that outlives
    /// it.</summary>
    public PretrainedModel Model { get; }

    /// <summary>
    /// Gives one lease back: the owner's, or a prediction engine's. With the last one the model is given back, whose memory is freed when
    /// no call runs and no other transformer or handle shares it.
    /// </summary>
    public void Dispose()
    {
        EndLease();
        GC.SuppressFinalize(this);
    }

    /// <summary>Computes elsewhere, or otherwise, from the next call on.</summary>
    internal void ComputeAt(InferencePlace place)
    {
        RequireModel();
        Volatile.Write(ref _place, place);
    }

    /// <summary>Says, once, that rows are cut.</summary>
    /// <param name="rows">How many so far.</param>
    /// <param name="limit">The tokens of a row that are read.</param>
    internal void TellCutRows(int rows, int limit)
    {
        if (rows == 0 || Interlocked.Exchange(ref _cutRowsTold, 1) == 1)
            return;
        using var channel = Host.Start("Predict");
        channel.Warning(
            MessageSensitivity.None,
            "{0} of the rows so far have more than {1} tokens; they are cut. Further rows are not told.",
            rows,
            limit);
    }

    /// <summary>Warns, once.</summary>
    /// <param name="told">1 from then on.</param>
    /// <param name="activity">What is being done.</param>
    /// <param name="warnings">What there is to say; nothing where there is none.</param>
    private protected void TellOnce(ref int told, string activity, params IReadOnlyCollection<string> warnings)
    {
        if (warnings.Count == 0 || Interlocked.Exchange(ref told, 1) == 1)
            return;
        using var channel = Host.Start(activity);
        foreach (var warning in warnings)
            channel.Warning(MessageSensitivity.None, "{0}", warning);
    }

    /// <summary>Warns, once, of rows.</summary>
    /// <param name="told">1 from then on.</param>
    /// <param name="rows">How many so far; of none there is nothing to say.</param>
    /// <param name="what">What of them, as it follows "the rows".</param>
    private protected void TellRowsOnce(ref int told, int rows, string what) => TellOnce(
        ref told, "Texts", rows == 0 ? [] : [FormattableString.Invariant($"{rows} of the rows so far {what}. Further rows are not told.")]);

    /// <summary>Takes a lease.</summary>
    /// <exception cref="ObjectDisposedException">The last one was given back.</exception>
    internal void AddLease()
    {
        int leases;
        do
        {
            leases = Volatile.Read(ref _leases);
            ObjectDisposedException.ThrowIf(leases == 0, this);
        }
        while (Interlocked.CompareExchange(ref _leases, leases + 1, leases) != leases);
    }

    /// <summary>Gives a lease back; nothing where none is left.</summary>
    internal void EndLease()
    {
        int leases;
        do
        {
            leases = Volatile.Read(ref _leases);
            if (leases == 0)
                return;
        }
        while (Interlocked.CompareExchange(ref _leases, leases - 1, leases) != leases);
        if (leases == 1)
            Model.Dispose();
    }

    private protected override void RequireModel() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _leases) == 0, this);

    private protected override IRowToRowMapper MakeRowToRowMapper(DataViewSchema schema)
    {
        AddLease();
        try
        {
            return new LeasedMapper(this, base.MakeRowToRowMapper(schema));
        }
        catch
        {
            EndLease();
            throw;
        }
    }

    private protected override void SaveWhole(ModelSaveContext ctx)
    {
        AddLease();
        try
        {
            base.SaveWhole(ctx);
        }
        finally
        {
            EndLease();
        }
    }
}
