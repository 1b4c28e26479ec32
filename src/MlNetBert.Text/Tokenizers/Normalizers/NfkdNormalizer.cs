namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Unicode's normalization form KD: as form D, with ligatures, widths and other variants of a character made one.</summary>
[Experimental("MLNETBERT001")]
public sealed record NfkdNormalizer() : UnicodeFormNormalizer("NFKD", composes: false, compatible: true);
