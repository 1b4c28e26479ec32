using Microsoft.ML;

namespace MlNetBert.Mapping;

/// <summary>
/// A mapper whose work is cheaper for many rows together: <see cref="BatchDataView"/> reads ahead and computes a window of rows at once; a prediction
/// engine computes one. Nothing is computed unless an output column is asked for.
/// </summary>
/// <typeparam name="TInput">What is read from the input columns, a copy that outlives the row.</typeparam>
/// <typeparam name="TResult">What is computed for a row.</typeparam>
internal abstract class BatchMapper<TInput, TResult>(ITransformer parent, params IReadOnlyList<DataViewSchema.Column> inputs) : RowMapper(parent, inputs), IBatchMapper
{
    public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
    {
        disposer = () => { };
        if (!Enumerable.Range(0, GetOutputColumns().Length).Any(activeOutput))
            return new Delegate[GetOutputColumns().Length];
        var read = CreateReader(input);
        long position = -1;
        TResult? result = default;
        return MakeGetters(activeOutput, () =>
        {
            if (input.Position != position || position < 0)
            {
                result = Run([read()])[0];
                position = input.Position;
            }

            return result!;
        });
    }

    public IBatchWindow CreateWindow(DataViewRowCursor ahead, Func<int, bool> activeOutput) => new Window(this, ahead, activeOutput);

    /// <summary>Reads the input columns of the row that <paramref name="row"/> stands at.</summary>
    protected abstract Func<TInput> CreateReader(DataViewRow row);

    /// <summary>Computes rows together, in their order.</summary>
    protected abstract IReadOnlyList<TResult> Compute(IReadOnlyList<TInput> rows);

    /// <summary>The getter of an output column over the result of the current row.</summary>
    protected abstract Delegate MakeGetter(int output, Func<TResult> current);

    private IReadOnlyList<TResult> Run(IReadOnlyList<TInput> rows)
    {
        var results = Compute(rows);
        (GetTransformer() as RowMapperTransformer)?.TellFaults();
        return results;
    }

    private Delegate[] MakeGetters(Func<int, bool> activeOutput, Func<TResult> current)
    {
        var getters = new Delegate[GetOutputColumns().Length];
        for (var i = 0; i < getters.Length; i++)
        {
            if (activeOutput(i))
                getters[i] = MakeGetter(i, current);
        }

        return getters;
    }

    private sealed class Window : IBatchWindow
    {
        private const int Rows = 512;

        private readonly BatchMapper<TInput, TResult> _mapper;
        private readonly DataViewRowCursor _ahead;
        private readonly Func<TInput> _read;
        private readonly List<TInput> _inputs = new(Rows);
        private IReadOnlyList<TResult> _results = [];
        private int _index = -1;

        public Window(BatchMapper<TInput, TResult> mapper, DataViewRowCursor ahead, Func<int, bool> activeOutput)
        {
            _mapper = mapper;
            _ahead = ahead;
            _read = mapper.CreateReader(ahead);
            Getters = mapper.MakeGetters(activeOutput, () => _results[_index]);
        }

        public Delegate[] Getters { get; }

        public bool MoveNext()
        {
            if (++_index < _results.Count)
                return true;
            _inputs.Clear();
            while (_inputs.Count < Rows && _ahead.MoveNext())
                _inputs.Add(_read());
            _results = _inputs.Count == 0 ? [] : _mapper.Run(_inputs);
            _index = 0;
            return _results.Count > 0;
        }

        public void Dispose() => _ahead.Dispose();
    }
}
