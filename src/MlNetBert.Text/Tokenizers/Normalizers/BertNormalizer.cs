using System.Text;
using System.Text.Json;
using MlNetBert.Text.Tokenizers.Files;

namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>
/// BERT's: cleans a text, sets blanks around ideographs, strips accents and lower-cases, each code point by itself. Equal to Hugging Face's
/// BertNormalizer.
/// </summary>
[Experimental("MLNETBERT001")]
public sealed record BertNormalizer : TextNormalizer
{
    /// <summary>Whether text is lower-cased.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether accents (non-spacing marks) are removed after canonical decomposition.</summary>
    /// <value><see langword="null"/> by default: whatever <see cref="LowerCase"/> is.</value>
    public bool? StripAccents { get; init; }

    /// <summary>Whether control characters are dropped and every white space becomes a blank.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool CleanText { get; init; } = true;

    /// <summary>Whether every CJK ideograph is set between blanks.</summary>
    /// <value><see langword="true"/> by default.</value>
    public bool HandleChineseCharacters { get; init; } = true;

    /// <summary>The one that changes nothing.</summary>
    internal static BertNormalizer Nothing { get; } =
        new() { LowerCase = false, StripAccents = false, CleanText = false, HandleChineseCharacters = false };

    internal override bool LowersCase => LowerCase;

    internal override bool StripsAccents => StripAccents ?? LowerCase;

    /// <summary>The BERT normalizer in one that is nothing else, and whether form C is made before it; null in every other.</summary>
    internal static (BertNormalizer? Bert, bool Composes) In(TextNormalizer? normalizer) => normalizer switch
    {
        BertNormalizer bert => (bert, false),
        SequenceNormalizer { Normalizers: [NfcNormalizer, BertNormalizer bert] } => (bert, true),
        _ => (null, false),
    };

    /// <summary>The normalizer, with form C before it where that is wanted.</summary>
    internal TextNormalizer With(bool composes) => composes ? new SequenceNormalizer([new NfcNormalizer(), this]) : this;

    internal static BertNormalizer Of(JsonPart part)
    {
        bool lowerCase = part.Required("lowercase").GetBoolean();
        return new BertNormalizer
        {
            LowerCase = lowerCase,
            StripAccents = part.OptionalBoolean("strip_accents"),
            CleanText = part.Required("clean_text").GetBoolean(),
            HandleChineseCharacters = part.Required("handle_chinese_chars").GetBoolean(),
        };
    }

    internal override string? Joined => string.Empty;

    internal override AlignedText Normalize(AlignedText text)
    {
        var map = CharacterMap.For(StripsAccents, LowerCase);
        var normalized = new AlignedText.Builder(text.Text.Length + 8);
        for (int i = 0, length; i < text.Text.Length; i += length)
        {
            Rune.DecodeFromUtf16(text.Text.AsSpan(i), out Rune rune, out length);
            CharacterClass kind = UnicodeTables.ClassOf(rune.Value);
            if (CleanText && kind.HasFlag(CharacterClass.Dropped))
                continue;
            if (CleanText && kind.HasFlag(CharacterClass.White))
                normalized.Text.Append(' ');
            else if (HandleChineseCharacters && kind == CharacterClass.Ideograph)
                normalized.Text.Append(' ').Append(map.Map(rune)).Append(' ');
            else
                normalized.Text.Append(map.Map(rune));
            normalized.PlaceAt(text.Original(new TokenOffset(i, i + length)));
        }

        return normalized.Build();
    }

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", CleanText);
        writer.WriteBoolean("handle_chinese_chars", HandleChineseCharacters);
        writer.WriteNullable("strip_accents", StripAccents);
        writer.WriteBoolean("lowercase", LowerCase);
    }
}
