using MlNetBert.HuggingFace;
using static TorchSharp.torch;

namespace MlNetBert.Models.Verification;

/// <summary>The <c>input.*</c> tensors of a reference by name; integers as int64.</summary>
[Experimental("MLNETBERT001")]
public sealed class ReferenceInputs
{
    private const string Prefix = "input.";

    private readonly string _source;
    private readonly Dictionary<string, Tensor> _tensors;
    private readonly HashSet<string> _unused;

    /// <summary>Reads them into the current dispose scope.</summary>
    internal ReferenceInputs(ICheckpointWeights reference)
    {
        _source = reference.Source;
        _tensors = reference.Names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[Prefix.Length..], name => Read(reference, name), StringComparer.Ordinal);
        _unused = new HashSet<string>(_tensors.Keys, StringComparer.Ordinal);
    }

    /// <summary>The tensors that no model has asked for, under their names in the reference.</summary>
    internal IReadOnlyList<string> Unused => [.. _unused.Select(name => Prefix + name).Order(StringComparer.Ordinal)];

    /// <summary>An input.</summary>
    /// <param name="name">Its name without <c>input.</c>, such as <c>labels</c>.</param>
    /// <returns>The input; null where the reference has none of that name.</returns>
    public Tensor? Find(string name)
    {
        _unused.Remove(name);
        return _tensors.GetValueOrDefault(name);
    }

    /// <summary>What a backbone takes: <c>input_ids</c>, <c>attention_mask</c>, <c>token_type_ids</c> and <c>position_ids</c>.</summary>
    /// <returns>The batch.</returns>
    /// <exception cref="ModelFormatException">The reference has no ids.</exception>
    public ModelInputs ToModelInputs() =>
        new(Find("input_ids")
            ?? throw new ModelFormatException(_source, "has no tensor 'input.input_ids', so there is nothing to run the model on."),
            Find("attention_mask"), Find("token_type_ids"))
        { PositionIds = Find("position_ids"), IsReference = true };

    private static Tensor Read(ICheckpointWeights reference, string name)
    {
        var tensor = Weights.ReadTensor(reference, name);
        return tensor.is_floating_point() ? tensor : tensor.to(ScalarType.Int64);
    }
}
