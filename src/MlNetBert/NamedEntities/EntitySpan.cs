using System.Runtime.InteropServices;

namespace MlNetBert.NamedEntities;

/// <summary>An entity among the words of a sentence.</summary>
/// <param name="Label">Its type, without B- or I-; empty where the tags are bare.</param>
/// <param name="Start">Its first word, from 0.</param>
/// <param name="End">The word after its last.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntitySpan(string Label, int Start, int End);
