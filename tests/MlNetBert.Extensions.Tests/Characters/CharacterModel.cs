using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;
using MlNetBert.Text.Tokenizers.Models;

namespace Stranger.Characters;

/// <summary>Each character is a piece, with ## where it continues a word.</summary>
internal sealed class CharacterModel(IReadOnlyDictionary<string, int> vocabulary, string unknownToken) : SubwordModel
{
    public const string Name = "Characters";

    public const string Continuation = "##";

    public override string Type => Name;

    public override IEnumerable<KeyValuePair<string, int>> Vocabulary => vocabulary;

    public override string UnknownToken => unknownToken;

    public static CharacterModel Read(JsonPart section) => new(section.Required("vocab").GetVocabulary(), section.Required("unk_token").GetString());

    /// <summary>The piece of a character.</summary>
    /// <param name="character">The character.</param>
    /// <param name="place">Its place in its word, from 0.</param>
    public static string PieceOf(Rune character, int place) => place == 0 ? character.ToString() : Continuation + character;

    public override void Spell(ReadOnlySpan<char> word, List<Subword> pieces)
    {
        var place = 0;
        foreach (var character in word.EnumerateRunes())
            pieces.Add(new Subword(vocabulary.TryGetValue(PieceOf(character, place++), out var id) ? id : vocabulary[unknownToken], character.Utf16SequenceLength));
    }

    public override bool ContinuesWord(string piece) => piece.StartsWith(Continuation, StringComparison.Ordinal);

    public override string WithoutMark(string piece) => ContinuesWord(piece) ? piece[Continuation.Length..] : piece;

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("unk_token", unknownToken);
        WriteVocabulary(writer, vocabulary);
    }
}
