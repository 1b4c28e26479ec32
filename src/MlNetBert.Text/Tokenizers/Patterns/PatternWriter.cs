using System.Text;

namespace MlNetBert.Text.Tokenizers.Patterns;

/// <summary>A pattern for .NET, part by part: texts, and sets of characters, which are written when all are known.</summary>
internal sealed class PatternWriter
{
    private const int Most = 1_000_000; // .NET has no names for the classes: the letters alone are 8,000 characters
    private readonly List<Part> _parts = [];
    private readonly PatternSets _sets = new();
    private int _atom = -1; // where the part begins that a quantifier would repeat

    /// <summary>How many parts there are.</summary>
    public int Count => _parts.Count;

    /// <summary>Whether there is something that a quantifier would repeat.</summary>
    public bool CanRepeat => _atom >= 0;

    /// <summary>Adds text that no quantifier repeats.</summary>
    public void Add(string text)
    {
        _parts.Add(new Part(text, null));
        _atom = -1;
    }

    /// <summary>Adds text that a quantifier repeats.</summary>
    public void AddAtom(string text) => AddAtom(new Part(text, null));

    /// <summary>Adds a character of a set, which a quantifier repeats.</summary>
    public void AddAtom(CodePointSet set) => AddAtom(new Part("", _sets.Add(set)));

    /// <summary>Adds a letter in any case, which a quantifier repeats.</summary>
    public void AddLetter(int codePoint) => AddAtom(_sets.CasesOf(codePoint));

    /// <summary>Closes a group, which a quantifier repeats.</summary>
    /// <param name="start">How many parts there were in front of it.</param>
    public void Close(int start)
    {
        Add(")");
        _atom = start;
    }

    /// <summary>Adds a quantifier to what was added last.</summary>
    public void Repeat(string quantifier, bool isLazy, bool isPossessive)
    {
        _parts.Insert(_atom, new Part(isPossessive ? "(?>" : "(?:", null));
        _parts.Add(new Part(quantifier + (isLazy ? "?)" : ")"), null));
    }

    /// <summary>Adds the edge of a word, by Oniguruma's words.</summary>
    /// <param name="isOne">Whether there must be one; otherwise there must be none.</param>
    public void AddBoundary(bool isOne)
    {
        CodePointSet word = _sets.Add(UnicodeProperties.Find(UnicodeProperties.WordAlone)!);
        Part Text(string text) => new(text, null);
        _parts.AddRange(
        [
            Text("(?:(?<="), new("", word), Text(isOne ? ")(?!" : ")(?="), new("", word), Text(")|(?<!"), new("", word),
            Text(isOne ? ")(?=" : ")(?!"), new("", word), Text("))"),
        ]);
        _atom = -1;
    }

    /// <summary>The pattern.</summary>
    /// <param name="standIns">Takes what the texts need that it is matched with.</param>
    /// <exception cref="PatternSyntaxException">It is too long, or tells too many characters apart.</exception>
    public string Write(out StandIns standIns)
    {
        standIns = new StandIns(_sets);
        var written = new StringBuilder();
        foreach (Part part in _parts)
        {
            written.Append(part.Set is { } set ? standIns.ClassOf(set) : part.Text);
            if (written.Length > Most)
                throw new PatternSyntaxException("has more classes of characters than are supported");
        }

        return written.ToString();
    }

    private void AddAtom(Part part)
    {
        _atom = _parts.Count;
        _parts.Add(part);
    }

    /// <summary>A part of the pattern: text, or a set of characters.</summary>
    private sealed record Part(string Text, CodePointSet? Set);
}
