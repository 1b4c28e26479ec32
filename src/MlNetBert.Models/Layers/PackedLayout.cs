namespace MlNetBert.Models.Layers;

/// <summary>How weights are laid out for oneDNN's products.</summary>
internal enum PackedLayout
{
    /// <summary>Not at all: the plain product is taken.</summary>
    None,

    /// <summary>As they are.</summary>
    AsIs,

    /// <summary>
    /// With rows of zeros below that fill up whole tiles: oneDNN's float32 kernels are wrong at other numbers of outputs on some
    /// processors.
    /// </summary>
    WholeTiles,
}
