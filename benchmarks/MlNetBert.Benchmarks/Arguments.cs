using System.Globalization;

namespace MlNetBert.Benchmarks;

/// <summary>What is measured.</summary>
internal sealed record Arguments(IReadOnlyList<string> Parts, IReadOnlyList<string> Sizes, int Rounds, Precision Precision, string Shared)
{
    private static readonly string[] AllParts = ["steps", "kernels", "inference", "calls", "tokenizing", "vocabularies", "opening"];

    public bool Runs(string part) => Parts.Count == 0 || Parts.Contains(part);

    /// <summary>A file or directory beside the checkout, or null, said, where it is not there.</summary>
    public string? Find(params string[] parts)
    {
        var path = Path.Combine([Shared, .. parts]);
        if (Path.Exists(path))
            return path;
        Console.WriteLine($"left out: {Path.Combine(["../shared", .. parts])} is not beside the checkout");
        return null;
    }

    public static Arguments? Parse(string[] args)
    {
        var parts = new List<string>();
        IReadOnlyList<string> sizes = ["mini", "minilm", "base"];
        var (rounds, precision) = (3, Precision.Float32);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case var part when AllParts.Contains(part):
                    parts.Add(part);
                    continue;
                case "--sizes" when value.Length > 0:
                    sizes = value.Split(',');
                    break;
                case "--rounds" when int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0:
                    rounds = number;
                    break;
                case "--precision" when value is "fp32" or "bf16":
                    precision = value == "bf16" ? Precision.BFloat16 : Precision.Float32;
                    break;
                default:
                    Console.Error.WriteLine($"'{args[i]}' is none of {string.Join(", ", AllParts)}, --sizes mini,minilm,base, --rounds N, --precision fp32|bf16.");
                    return null;
            }

            i++;
        }

        return new Arguments(parts, sizes, rounds, precision, Path.Combine(Directory.GetCurrentDirectory(), "..", "shared"));
    }
}
