namespace MlNetBert.Models.Configuration;

/// <summary>The names that Hugging Face's config.json gives to activations.</summary>
internal static class ActivationNames
{
    /// <summary>Names accepted on reading, for error messages.</summary>
    public const string Supported = "gelu, gelu_new, gelu_pytorch_tanh, relu, silu, tanh";

    /// <summary>The activation that a name of config.json means, or null where it is not supported.</summary>
    public static Activation? Parse(string name) => name switch
    {
        "gelu" => Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" => Activation.GeluTanh,
        "relu" => Activation.Relu,
        "silu" or "swish" => Activation.Silu,
        "tanh" => Activation.Tanh,
        _ => null,
    };

    /// <summary>The name written to config.json.</summary>
    public static string Format(Activation activation) => activation switch
    {
        Activation.Gelu => "gelu",
        Activation.GeluTanh => "gelu_pytorch_tanh",
        Activation.Silu => "silu",
        Activation.Tanh => "tanh",
        _ => "relu",
    };
}
