namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Unicode's normalization form KC: as form C, with ligatures, widths and other variants of a character made one.</summary>
[Experimental("MLNETBERT001")]
public sealed record NfkcNormalizer() : UnicodeFormNormalizer("NFKC", composes: true, compatible: true);
