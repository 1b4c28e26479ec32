using Microsoft.ML;

namespace MlNetBert.Mapping;

/// <summary>
/// A mapper whose work is cheaper for many rows together: <see cref="BatchDataView"/> reads ahead and computes a window of rows at once;
/// a prediction engine computes one. Nothing is computed unless an output column is asked for.
/// </summary>
/// <typeparam name="TInput">What is read from the input columns, a copy that outlives the row.</typeparam>
/// <typeparam name="TResult">What is computed for a row.</typeparam>
internal abstract class BatchMapper<TInput, TResult>(ITransformer parent,
    params IReadOnlyList<DataViewSchema.Column> inputs) : RowMapper(parent, inputs), IBatchMapper
{
    /// <inheritdoc/>
    public virtual int RowsAtOnce => 512;

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
                result = Run([read()], activeOutput)[0];
                position = input.Position;
            }

            return result!;
        });
    }

    public IBatchWindow CreateWindow(DataViewRow input, Func<int, bool> activeOutput, Func<int> place) =>
        new Window(this, input, activeOutput, place);

    /// <summary>Reads the input columns of the row that <paramref name="row"/> stands at.</summary>
    protected abstract Func<TInput> CreateReader(DataViewRow row);

    /// <summary>Computes rows together, in their order.</summary>
    protected abstract IReadOnlyList<TResult> Compute(IReadOnlyList<TInput> rows);

    /// <summary>The same, where columns are computed apart: only those that are asked for.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="activeOutput">Which of the mapper's columns are asked for.</param>
    protected virtual IReadOnlyList<TResult> Compute(IReadOnlyList<TInput> rows, Func<int, bool> activeOutput) => Compute(rows);

    /// <summary>About how many bytes a row and its result take, where that is much: a window holds fewer rows then.</summary>
    protected virtual long BytesOf(TInput input) => input is string text ? (long)text.Length * sizeof(char) : 0;

    /// <summary>The getter of an output column over the result of the current row.</summary>
    protected abstract Delegate MakeGetter(int output, Func<TResult> current);

    private IReadOnlyList<TResult> Run(IReadOnlyList<TInput> rows, Func<int, bool> activeOutput)
    {
        var results = Compute(rows, activeOutput);
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
        private readonly BatchMapper<TInput, TResult> _mapper;
        private readonly Func<TInput> _read;
        private readonly Func<int, bool> _activeOutput;
        private readonly List<TInput> _inputs = [];
        private IReadOnlyList<TResult> _results = [];

        public Window(BatchMapper<TInput, TResult> mapper, DataViewRow input, Func<int, bool> activeOutput, Func<int> place)
        {
            _mapper = mapper;
            _read = mapper.CreateReader(input);
            _activeOutput = activeOutput;
            Getters = mapper.MakeGetters(activeOutput, () => _results[place()]);
        }

        public Delegate[] Getters { get; }

        public void Clear()
        {
            _inputs.Clear();
            _results = [];
        }

        public long Read()
        {
            var input = _read();
            _inputs.Add(input);
            return _mapper.BytesOf(input);
        }

        public void Compute(int rows)
        {
            _inputs.RemoveRange(rows, _inputs.Count - rows);
            _results = _mapper.Run(_inputs, _activeOutput);
            _inputs.Clear();
        }
    }
}
