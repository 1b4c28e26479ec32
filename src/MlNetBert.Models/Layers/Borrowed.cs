using TorchSharp.Modules;

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
}
