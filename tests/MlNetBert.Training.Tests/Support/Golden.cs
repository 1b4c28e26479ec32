using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Models.Layers;
using MlNetBert.Training.Objectives;
using static TorchSharp.torch;

namespace MlNetBert.Training.Tests.Support;

/// <summary>A model of the reference material with its inputs and outputs; the test is skipped where they are not there.</summary>
internal sealed class Golden<TModel> : IDisposable
    where TModel : ModelWithHead
{
    private readonly ICheckpointWeights _reference;
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public Golden(string name, ModelHead head)
    {
        var directory = SharedFiles.Find("golden", "models", name);
        _reference = CheckpointWeights.FromFile(Path.Combine(directory, "reference.safetensors"));
        var config = ModelArchitecture.ReadConfig(Path.Combine(directory, ModelFiles.Config));
        using var weights = CheckpointWeights.FromFile(Path.Combine(directory, ModelFiles.Weights));
        Model = (TModel)ModelArchitecture.Of(config).Load(head, config, weights, out _);
    }

    public TModel Model { get; }

    public double Loss => Tensor("loss").ReadSingle();

    public Tensor Tensor(string name) => Weights.ReadTensor(_reference, name);

    /// <summary>The rows without their padding.</summary>
    public SequenceExamples<T> Examples<T>(Func<int, T> label)
    {
        var examples = new SequenceExamples<T>(Model.Config.PadTokenId ?? 0);
        var ids = Tensor("input.input_ids");
        for (var row = 0; row < ids.shape[0]; row++)
        {
            var seen = Tensor("input.attention_mask")[row].ne(0);                            // padding is on either side
            examples.Add(
                new EncodedText(Row(ids, row, seen), _reference.Contains("input.token_type_ids") ? Row(Tensor("input.token_type_ids"), row, seen) : null), label(row));
        }

        return examples;
    }

    public void Dispose()
    {
        Model.Dispose();
        _scope.Dispose();
        _reference.Dispose();
    }

    private static int[] Row(Tensor values, int row, Tensor seen) => [.. values[row][seen].data<long>().ToArray().Select(v => (int)v)];
}
