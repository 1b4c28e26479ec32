using System.Runtime.InteropServices;

namespace MlNetBert.Text.Blocks;

/// <summary>How far building a token store is.</summary>
/// <param name="Documents">How many documents were tokenized.</param>
/// <param name="Tokens">How many tokens they gave.</param>
/// <param name="Blocks">How many blocks were written.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TokenStoreProgress(long Documents, long Tokens, long Blocks);
