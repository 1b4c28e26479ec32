using System.Runtime.InteropServices;

namespace MlNetBert.Text.Tokenizers;

/// <summary>A special token of a <see cref="SpecialTokenTemplate"/>.</summary>
/// <param name="Id">Its place in the vocabulary.</param>
/// <param name="TypeId">Its token type.</param>
[StructLayout(LayoutKind.Auto)]
[Experimental("MLNETBERT001")]
public readonly record struct TemplateToken(int Id, int TypeId);
