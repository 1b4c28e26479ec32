namespace MlNetBert.Models.Layers;

/// <summary>How rotary positions are stretched beyond the length that a model learned.</summary>
[Experimental("MLNETBERT001")]
public enum RotaryScaling
{
    /// <summary>Not at all: <c>default</c>.</summary>
    None,

    /// <summary>Every position is divided by the factor (Chen et al. 2023, arXiv:2306.15595): <c>linear</c>.</summary>
    Linear,

    /// <summary>
    /// Slow frequencies are divided by the factor, fast ones stay, those between are mixed (Grattafiori et al. 2024, arXiv:2407.21783):
    /// <c>llama3</c>.
    /// </summary>
    Llama3,
}
