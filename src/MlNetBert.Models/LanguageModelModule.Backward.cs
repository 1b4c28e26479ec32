using static TorchSharp.torch;

namespace MlNetBert.Models;

/// <content>The backward pass.</content>
public abstract partial class LanguageModelModule
{
    /// <summary>
    /// Adds the gradients of a loss to those of the parameters: <c>loss.backward()</c>, and then the backward pass through the layers where
    /// libtorch has no graph of them, with <see cref="TrainsWithKernels"/> or <see cref="ActivationCheckpointing"/>, which only this method
    /// runs. Once for a forward pass: add up losses of the same pass first, and let several heads take its hidden states by
    /// <see cref="Models.Backbone.ShareAmongLosses"/>. Weights must not change between the two.
    /// </summary>
    /// <param name="loss">A scalar that was computed with this model.</param>
    public void Backward(Tensor loss) => BackwardThrough(this, loss);

    /// <summary>As <see cref="Backward(Tensor)"/>, through every model in a module, the last first.</summary>
    /// <param name="root">The module, which may be a model itself.</param>
    /// <param name="loss">A scalar that was computed with it.</param>
    public static void BackwardThrough(nn.Module root, Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        var models = OutermostIn(root).ToList();
        loss.backward();
        try
        {
            foreach (var model in Enumerable.Reverse(models))
                model.RunKeptBackward();
        }
        catch
        {
            models.ForEach(model => model.ForgetPasses());
            throw;
        }
    }

    /// <summary>Runs the backward pass of the parts that were kept for it, from the gradients that have arrived at them.</summary>
    private protected virtual void RunKeptBackward()
    {
        foreach (var part in Parts.Reverse())
            part.RunKeptBackward();
    }

    /// <summary>
    /// Frees what passes in training mode have kept for a <see cref="Backward(Tensor)"/> that will not come. Passes in evaluation mode or
    /// without gradients keep nothing.
    /// </summary>
    public virtual void ForgetPasses()
    {
        foreach (var part in Parts)
            part.ForgetPasses();
    }
}
