using Quickstart;

namespace QuestionAnswering;

/// <summary>Questions about invented people: four sentences about each from the tables of facts, in an order that differs, and a question about each sentence. Nothing is random.</summary>
public static class FactQuestions
{
    private const int Kinds = 4;

    /// <summary>The questions about a number of people, those about every fifth held out.</summary>
    /// <param name="people">How many people.</param>
    public static (IReadOnlyList<AskedFact> Training, IReadOnlyList<AskedFact> HeldOut) Make(int people)
    {
        var about = Enumerable.Range(0, people).Select(Questions).ToList();
        return ([.. about.Where((_, i) => i % 5 != 4).SelectMany(q => q)], [.. about.Where((_, i) => i % 5 == 4).SelectMany(q => q)]);
    }

    private static IEnumerable<AskedFact> Questions(int number)
    {
        var name = Cell("persons", "person", number);
        (string Before, string Answer, string Question)[] facts =
        [
            ($"{name} lives in ", Cell("countries", "capital", number), $"Where does {name} live?"),
            ($"{name} works as a ", Cell("trades", "trade", number), $"What is the job of {name}?"),
            ($"{name} speaks ", Cell("countries", "language", number), $"Which language does {name} speak?"),
            ($"{name} has bought a ", Cell("tools", "tool", number), $"What has {name} bought?"),
        ];
        var order = Enumerable.Range(0, Kinds).OrderBy(kind => StableOrder.Of($"{number} order {kind}")).ToList();
        var context = string.Join(' ', order.Select(kind => facts[kind].Before + facts[kind].Answer + "."));
        return facts.Select(fact => new AskedFact
        {
            Context = context,
            Question = fact.Question,
            TrainingAnswer = fact.Answer,
            AnswerIndex = context.IndexOf(fact.Before, StringComparison.Ordinal) + fact.Before.Length,
        });
    }

    private static string Cell(string table, string column, int number)
    {
        var facts = FactTable.Embedded(table);
        return facts[(int)(StableOrder.Of($"{number} {table} {column}") % (ulong)facts.Count), column];
    }
}
