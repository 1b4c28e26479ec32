using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MlNetBert.Models.Generation;

/// <summary>
/// A batch of texts that is written, a token of each text a step. Rows of texts that are done are given up, so that they cost nothing.
/// Between steps nothing is in a dispose scope: steps may be on different threads. Not thread-safe; dispose of it.
/// </summary>
internal sealed class GenerationRun : IDisposable
{
    private readonly List<TextSearch> _running;
    private readonly GenerationState _state;
    private readonly Device _device;

    /// <summary>Reads the prompts.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="prompts">The ids of each text, one at least.</param>
    /// <param name="searches">The searches of each text.</param>
    /// <param name="padding">The id that prompts are filled up with.</param>
    /// <param name="precision">The precision of matrix multiplications.</param>
    /// <param name="device">Where the model is.</param>
    /// <exception cref="ArgumentException">A prompt has no token, or more than the model has positions.</exception>
    public GenerationRun(
        IGenerativeModel model,
        IReadOnlyList<int[]> prompts,
        IReadOnlyList<IReadOnlyList<TextSearch>> searches,
        int padding,
        ComputePrecision precision,
        Device device)
    {
        _device = device;
        _running = [.. searches.SelectMany(ofText => ofText)];
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        _state = model.Start(Padded(prompts, padding, model.DecoderStart is null, device), precision);
        if (searches.Any(ofText => ofText.Count != 1))
            _state.SelectRows(Rows(searches.SelectMany((ofText, text) => ofText.Select(_ => (long)text))));
    }

    /// <summary>Chooses a token for each text that is not done.</summary>
    /// <returns>Whether there is another step.</returns>
    /// <exception cref="InvalidDataException">The model gives scores that are not numbers.</exception>
    public bool Step()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var logits = _state.Logits.cpu();                                                    // [rows, vocabulary]
        var (rows, ids, first) = (new List<long>(), new List<long>(), 0L);
        foreach (var search in _running)
        {
            var count = search.RowCount;
            search.Step(Values(logits.narrow(0, first, count)));
            rows.AddRange(search.Next.Select(next => first + next.Row));
            ids.AddRange(search.Next.Select(next => (long)next.Id));
            first += count;
        }

        _running.RemoveAll(search => search.IsDone);
        if (_running.Count == 0)
            return false;
        if (rows.Count != first || rows.Index().Any(row => row.Item != row.Index))
            _state.SelectRows(Rows(rows));
        _state.Advance(Rows(ids));
        return true;
    }

    /// <summary>Gives up what the model keeps.</summary>
    public void Dispose() => _state.Dispose();

    private Tensor Rows(IEnumerable<long> values) => tensor(values.ToArray(), device: _device);

    private static ReadOnlySpan<float> Values(Tensor rows) => MemoryMarshal.Cast<byte, float>(rows.contiguous().bytes);

    // Where a prompt is continued, it ends where the batch does.
    private static ModelInputs Padded(IReadOnlyList<int[]> prompts, int padding, bool onTheLeft, Device device)
    {
        var length = prompts.Max(prompt => prompt.Length);
        var (ids, mask) = (new long[prompts.Count, length], new long[prompts.Count, length]);
        foreach (var (row, prompt) in prompts.Index())
        {
            var start = onTheLeft ? length - prompt.Length : 0;
            for (var place = 0; place < length; place++)
            {
                var isText = place >= start && place < start + prompt.Length;
                (ids[row, place], mask[row, place]) = isText ? (prompt[place - start], 1) : (padding, 0);
            }
        }

        return new ModelInputs(
            tensor(ids, device: device), prompts.All(prompt => prompt.Length == length) ? null : tensor(mask, device: device));
    }
}
