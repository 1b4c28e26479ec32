using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Parameters that are another module's: one object, so that an optimizer has one state of it and decays it once.</summary>
internal static class Borrowed
{
    /// <summary>The other module's parameter; one's own is freed.</summary>
    /// <exception cref="ArgumentException">The two have different shapes.</exception>
    public static Parameter Of(Parameter own, Parameter owner)
    {
        if (ReferenceEquals(own, owner))
            return owner;
        if (!own.shape.SequenceEqual(owner.shape))
        {
            throw new ArgumentException(
                $"Expected embeddings of the shape [{string.Join(", ", own.shape)}] to share, found [{string.Join(", ", owner.shape)}].",
                nameof(owner));
        }

        own.Dispose();
        return owner;
    }

    /// <summary>Whether the embeddings of two backbones, tables and norm, have the same values, as where one borrows them.</summary>
    /// <param name="one">A backbone.</param>
    /// <param name="other">Another of its class.</param>
    public static bool AreEqual(Backbone one, Backbone other)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        // A projection behind them is each one's own.
        var pairs = one.EmbeddingModules.Zip(other.EmbeddingModules).Where(pair => pair.First is not Dense)
            .SelectMany(pair => pair.First.parameters().Zip(pair.Second.parameters()));
        return pairs.All(pair => pair.First.shape.SequenceEqual(pair.Second.shape) && pair.First.eq(pair.Second).all().item<bool>());
    }
}
