using MlNetBert.HuggingFace.Safetensors;

namespace MlNetBert.HuggingFace.Pickles;

/// <summary>The tensors of a model by name, and what there is to say about where they were found.</summary>
/// <param name="Tensors">The tensors, in the order of the file.</param>
/// <param name="Notes">What was left out of names or beside the tensors; a sentence or two each.</param>
internal sealed record StateDict(IReadOnlyList<(string Name, PickledTensor Tensor)> Tensors, IReadOnlyList<string> Notes)
{
    private const int MostNames = 8;

    // What training on several GPUs puts before every name.
    private const string ParallelPrefix = "module.";

    // What trainers put around the weights that they save.
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "model"];

    /// <summary>
    /// Finds the tensors in what a pickle holds: a dictionary of tensors by name, or such a one in a trainer's checkpoint.
    /// </summary>
    /// <exception cref="ModelFormatException">There is no such dictionary, or it holds more than tensors.</exception>
    public static StateDict Of(object? value, string file)
    {
        if (value is not OrderedDictionary<object, object?> dictionary)
            throw new ModelFormatException(file, $"expected a dictionary of tensors by name, found {NameOf(value)}. "
                + "In Python: torch.save(model.state_dict(), path).");
        var notes = new List<string>();
        var tensors = TensorsOf(HoldsTensors(dictionary) ? dictionary : Unwrap(dictionary, file, notes), file);
        if (tensors.TrueForAll(entry => entry.Name.StartsWith(ParallelPrefix, StringComparison.Ordinal)))
        {
            notes.Add($"{file}: every name begins with '{ParallelPrefix}', as training on several GPUs leaves them; they are read "
                + "without it.");
            tensors = [.. tensors.Select(entry => (entry.Name[ParallelPrefix.Length..], entry.Tensor))];
        }

        return new StateDict(tensors, notes);
    }

    private static OrderedDictionary<object, object?> Unwrap(OrderedDictionary<object, object?> outer, string file, List<string> notes)
    {
        string[] found = [.. Wrappers.Where(name => outer.TryGetValue(name, out object? inner)
            && inner is OrderedDictionary<object, object?> dictionary && HoldsTensors(dictionary))];
        if (found is not [var wrapper])
        {
            throw new ModelFormatException(file, (found.Length == 0
                ? $"expected a dictionary of tensors by name, found one without a tensor{Entries(outer.Keys)}."
                : $"is a trainer's checkpoint with weights in '{string.Join("' and '", found)}': which are meant cannot be told.")
                + " In Python: torch.save(model.state_dict(), path).");
        }

        notes.Add($"{file} is a trainer's checkpoint: the weights are those in its '{wrapper}'"
            + (outer.Count == 1 ? "." : $"; left out{Entries(outer.Keys.Where(key => key is not string name || name != wrapper))}."));
        return (OrderedDictionary<object, object?>)outer[wrapper]!;
    }

    private static List<(string Name, PickledTensor Tensor)> TensorsOf(OrderedDictionary<object, object?> dictionary, string file)
    {
        var tensors = new List<(string Name, PickledTensor Tensor)>(dictionary.Count);
        foreach (var (key, entry) in dictionary)
        {
            if (key is not string name || entry is not PickledTensor tensor)
                throw new ModelFormatException(file, $"has the entry '{SafetensorsHeaderReader.Shorten($"{key}")}' among the tensors, "
                    + $"which is {NameOf(entry)}. In Python: torch.save(model.state_dict(), path).");
            tensors.Add((name, tensor));
        }

        return tensors;
    }

    private static bool HoldsTensors(OrderedDictionary<object, object?> dictionary) =>
        dictionary.Values.Any(entry => entry is PickledTensor);

    private static string Entries(IEnumerable<object> keys)
    {
        string[] names = [.. keys.Select(key => $"'{SafetensorsHeaderReader.Shorten($"{key}")}'")];
        return names.Length switch
        {
            0 => "",
            <= MostNames => $": {string.Join(", ", names)}",
            _ => $": {string.Join(", ", names.Take(MostNames))} and {names.Length - MostNames} more",
        };
    }

    private static string NameOf(object? value) => value switch
    {
        null => "None",
        PickledTensor => "a tensor",
        OrderedDictionary<object, object?> => "a dictionary",
        List<object?> => "a list",
        object?[] => "a tuple",
        string => "a text",
        byte[] => "bytes",
        PickleGlobal global => $"'{global}'",
        PickledStorage => "a storage without a tensor",
        _ => "a number",
    };
}
