using MlNetBert.Text.Tokenizers;

namespace MlNetBert.Embeddings;

/// <summary>The tokens of a text and their vectors.</summary>
/// <param name="Tokens">The tokens in order, [CLS] and [SEP] left out.</param>
/// <param name="Offsets">Where each comes from in the text, in UTF-16 units.</param>
/// <param name="Vectors">Their vectors one after the other, [tokens × hidden].</param>
[Experimental("MLNETBERT001")]
public sealed record TokenEmbedding(IReadOnlyList<string> Tokens, IReadOnlyList<TokenOffset> Offsets, float[] Vectors);
