using Microsoft.ML.Data;

namespace MlNetBert.Tests.Mapping;

/// <summary>A row with what each transformer reads, and with columns of every kind that they hand on.</summary>
public sealed class Row
{
    public int Id { get; set; }

    public string Text { get; set; } = "";

    public string Question { get; set; } = "";

    public string[] Words { get; set; } = [];

    public string Area { get; set; } = "";

    public string[] Tags { get; set; } = [];

    public string Given { get; set; } = "";

    public int Place { get; set; }

    public float Number { get; set; }

    public float Grade { get; set; }

    public double Wide { get; set; }

    public bool Flag { get; set; }

    public byte Small { get; set; }

    public DateTime Date { get; set; }

    public TimeSpan Span { get; set; }

    [KeyType(100)]
    public uint Key { get; set; }

    [VectorType(3)]
    public float[] Fixed { get; set; } = [];

    public double[] Any { get; set; } = [];

    public VBuffer<float> Sparse { get; set; }

    /// <summary>The n-th row; no two are alike in text.</summary>
    public static Row Of(int n)
    {
        var sentence = SmallCorpus.Sentences[n * 7 % SmallCorpus.Sentences.Count];
        var text = string.Join(' ', Enumerable.Repeat(sentence, 1 + (n % 2))) + (n % 5 == 0 ? " the [MASK]" : " a [MASK] cat") + (n >= SmallCorpus.Sentences.Count ? " " + n : "");
        return new Row
        {
            Id = n,
            Text = text,
            Question = n % 3 == 0 ? "Who?" : "Where near?",
            Words = sentence.Split(' '),
            Area = n % 2 == 0 ? "even" : "odd",
            Tags = ["O", n % 2 == 0 ? "B-animal" : "O", "O", "O", "O", "B-place"],
            Given = sentence[..3],
            Number = n / 3f,
            Grade = text.Length / 10f,
            Wide = n / 7.0,
            Flag = n % 2 == 1,
            Small = (byte)n,
            Date = new DateTime(2026, 1, 1).AddHours(n),
            Span = TimeSpan.FromSeconds(n),
            Key = (uint)(n % 100),
            Fixed = [n, n + 0.5f, -n],
            Any = [.. Enumerable.Range(0, n % 4).Select(i => (double)i * n)],
            Sparse = n % 2 == 0 ? new VBuffer<float>(10, 2, [n, -n], [1, 8]) : new VBuffer<float>(n % 7, [.. Enumerable.Range(0, n % 7).Select(i => (float)i)]),
        };
    }
}
