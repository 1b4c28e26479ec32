using Quickstart;

namespace Translation;

/// <summary>Phrases made from small tables, in both languages: who, how, does what, where. Nothing is random.</summary>
public static class Phrases
{
    private static readonly (string English, string Portuguese, bool Feminine)[] Nouns =
    [
        ("cat", "gato", false), ("dog", "cachorro", false), ("bird", "pássaro", false), ("horse", "cavalo", false),
        ("girl", "menina", true), ("boy", "menino", false), ("woman", "mulher", true), ("man", "homem", false),
        ("cow", "vaca", true), ("duck", "pato", false), ("teacher", "professora", true), ("doctor", "médico", false),
        ("sheep", "ovelha", true), ("hen", "galinha", true), ("fox", "raposa", true), ("rabbit", "coelho", false),
        ("farmer", "fazendeiro", false), ("queen", "rainha", true), ("king", "rei", false), ("baker", "padeiro", false),
        ("nurse", "enfermeira", true), ("sailor", "marinheiro", false), ("turtle", "tartaruga", true), ("grandmother", "avó", true),
    ];

    private static readonly (string English, string Masculine, string Feminine)[] Adjectives =
    [
        ("black", "preto", "preta"), ("white", "branco", "branca"), ("small", "pequeno", "pequena"), ("old", "velho", "velha"),
        ("young", "jovem", "jovem"), ("tired", "cansado", "cansada"), ("happy", "feliz", "feliz"), ("famous", "famoso", "famosa"),
        ("quiet", "quieto", "quieta"), ("sad", "triste", "triste"), ("lazy", "preguiçoso", "preguiçosa"), ("thin", "magro", "magra"),
    ];

    private static readonly (string English, string Portuguese)[] Verbs =
    [
        ("sleeps", "dorme"), ("runs", "corre"), ("eats", "come"), ("waits", "espera"), ("sings", "canta"), ("plays", "brinca"),
        ("dances", "dança"), ("works", "trabalha"), ("cries", "chora"), ("laughs", "ri"),
    ];

    private static readonly (string English, string Portuguese)[] Places =
    [
        ("on the sofa", "no sofá"), ("in the garden", "no jardim"), ("in the kitchen", "na cozinha"),
        ("under the tree", "debaixo da árvore"), ("near the river", "perto do rio"), ("at school", "na escola"),
        ("in the street", "na rua"), ("behind the house", "atrás da casa"),
        ("on the bridge", "na ponte"), ("at the market", "no mercado"), ("in front of the church", "em frente à igreja"),
        ("between the walls", "entre os muros"),
    ];

    /// <summary>All phrases in an order that mixes them.</summary>
    public static IReadOnlyList<Phrase> All { get; } =
    [
        .. (from noun in Nouns
            from adjective in Adjectives
            from verb in Verbs
            from place in Places
            select new Phrase
            {
                English = $"The {adjective.English} {noun.English} {verb.English} {place.English}.",
                Portuguese = $"{(noun.Feminine ? "A" : "O")} {noun.Portuguese} "
                    + $"{(noun.Feminine ? adjective.Feminine : adjective.Masculine)} {verb.Portuguese} {place.Portuguese}.",
            }).OrderBy(phrase => StableOrder.Of(phrase.English)),
    ];
}
