namespace MlNetBert.Text.Tokenizers.Normalizers;

/// <summary>Unicode's normalization form D: accents are parted from their letters.</summary>
[Experimental("MLNETBERT001")]
public sealed record NfdNormalizer() : UnicodeFormNormalizer("NFD", composes: false, compatible: false);
