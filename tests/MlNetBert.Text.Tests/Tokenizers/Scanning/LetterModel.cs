using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Models;

namespace MlNetBert.Text.Tests.Tokenizers.Scanning;

/// <summary>A piece for each character, another one where it begins a word: the ids tell the words.</summary>
internal sealed class LetterModel : SubwordModel
{
    public override string Type => "Letters";

    public override IEnumerable<KeyValuePair<string, int>> Vocabulary => [];

    public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
    {
        int first = 1;
        foreach (Rune rune in word.EnumerateRunes())
        {
            pieces.Add(new Subword((2 * rune.Value) + first, rune.Utf16SequenceLength));
            first = 0;
        }
    }

    public override void Write(Utf8JsonWriter writer)
    {
    }
}
