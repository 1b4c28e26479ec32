namespace OneWordTwoMeanings;

/// <summary>A word with two meanings.</summary>
/// <param name="Text">The word.</param>
/// <param name="First">What it means in one half of the sentences.</param>
/// <param name="Second">What it means in the other.</param>
/// <param name="FirstShape">Sentences of the first meaning: three lists, a word of each, and the rest.</param>
/// <param name="SecondShape">Sentences of the second.</param>
internal sealed record Word(string Text, string First, string Second, Shape FirstShape, Shape SecondShape)
{
    /// <summary>The words of the example.</summary>
    public static IReadOnlyList<Word> All { get; } =
    [
        new(
            "bank", "money", "river",
            new Shape(["the client", "my uncle", "the company", "a neighbour"], ["keeps", "saves", "deposits", "borrows"], ["money", "cash", "her wages", "the savings"], "at the bank in the city."),
            new Shape(["the fish", "the boat", "a duck", "the frog"], ["rests", "waits", "sleeps", "hides"], ["in the mud", "in the grass", "in the shade", "in the reeds"], "by the bank of the river.")),
        new(
            "banco", "dinero", "asiento",
            new Shape(["el cliente", "mi tío", "la empresa", "un vecino"], ["guarda", "ahorra", "ingresa", "pide"], ["dinero", "el sueldo", "un crédito", "los ahorros"], "en el banco de la ciudad."),
            new Shape(["la abuela", "el niño", "mi hermana", "un jardinero"], ["descansa", "lee", "duerme", "espera"], ["a la sombra", "bajo un árbol", "por la tarde", "con su perro"], "en el banco del parque.")),
    ];
}
