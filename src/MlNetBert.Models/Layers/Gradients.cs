using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Gradients that are computed outside libtorch's graph.</summary>
internal static class Gradients
{
    /// <summary>Adds to the gradient of a parameter, as the graph's way back does; one that is not trained stays without.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Of its shape, in any type.</param>
    public static void Add(Parameter parameter, Tensor gradient)
    {
        if (!parameter.requires_grad)
            return;
        using var guard = no_grad();
        using var sum = parameter.grad;
        if (sum is not null)
        {
            sum.Increase(gradient);
            return;
        }

        // Memory of its own: what is given may be a part of something larger.
        using var own = gradient.to(parameter.dtype, copy: true).contiguous();
        parameter.grad = own;
    }

    /// <summary>Whether a leaf has a gradient.</summary>
    public static bool HasGradient(this Tensor leaf)
    {
        using var gradient = leaf.grad;
        return gradient is not null;
    }

    /// <summary>Adds the rows of a matrix to the gradients of as many parameters.</summary>
    /// <param name="gradients">[parameters, columns].</param>
    /// <param name="parameters">[columns] each; null where there is none.</param>
    public static void AddRows(Tensor gradients, params ReadOnlySpan<Parameter?> parameters)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i] is not { } parameter)
                continue;
            using var gradient = gradients.select(0, i);
            Add(parameter, gradient);
        }
    }
}
