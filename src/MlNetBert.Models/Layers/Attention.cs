using TorchSharp;
using static TorchSharp.torch;

namespace MlNetBert.Models.Layers;

/// <summary>Scaled dot-product attention.</summary>
internal static class Attention
{
    /// <summary>
    /// softmax(q·kᵀ / √width + mask)·v over heads: [batch, heads, sequence, width] each → [batch, sequence, heads · width]. Without dropout
    /// libtorch's fused kernel; with it the products by hand, because on the CPU the fused kernel would fall back to a slow path.
    /// </summary>
    public static Tensor Forward(Tensor query, Tensor key, Tensor value, Tensor? mask, double dropout, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var (batch, heads, sequence, width) = (query.shape[0], query.shape[1], query.shape[2], query.shape[3]);
        Tensor context;
        if (dropout == 0 || pass.Dropout is null)
        {
            context = nn.functional.scaled_dot_product_attention(query, key, value, mask);   // [batch, heads, sequence, width]
        }
        else if (query.device_type != DeviceType.CPU)
        {
            pass.Dropout.SeedDevice();
            context = nn.functional.scaled_dot_product_attention(query, key, value, mask, dropout);
        }
        else
        {
            var scores = matmul(query.mul(1 / Math.Sqrt(width)), key.transpose(2, 3));       // [batch, heads, sequence, sequence]
            if (mask is not null)
                scores = scores.add(mask);
            var weights = pass.Dropout.Apply(nn.functional.softmax(scores, -1), dropout);
            context = matmul(weights, value);
        }

        return context.transpose(1, 2).reshape(batch, sequence, heads * width).MoveToOuterDisposeScope();
    }
}
