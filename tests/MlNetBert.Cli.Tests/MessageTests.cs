using System.Text.RegularExpressions;
using MlNetBert.Cli.Tests.Support;

namespace MlNetBert.Cli.Tests;

/// <summary>What the shell says of wrong options: in its own words, and not in those of the library.</summary>
public sealed partial class MessageTests(TinyModels models) : IClassFixture<TinyModels>
{
    private static readonly string[] Names = ["ModernBERT", "WordPiece", "PyTorch"]; // of things, as people write them

    /// <summary>A verb with options that cannot be, and the options that the message must name.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { "pretrain --learning-rate -1", "--learning-rate" },
        { "pretrain --weight-decay -1", "--weight-decay" },
        { "pretrain --warmup -1", "--warmup" },
        { "pretrain --warmup-ratio 2", "--warmup-ratio" },
        { "pretrain --learning-rate-schedule triangular --warmup-ratio 0.1", "--warmup-ratio" },
        { "pretrain --schedule one-cycle --warmup 5", "--warmup" },
        { "pretrain --packing one-document-per-block --remainder drop", "--remainder" },
        { "pretrain --block-length 2000 --epochs 1", "--block-length" },
        { "pretrain --time-budget 1h --warmup-steps 5", "--time-budget" },
        { "pretrain --restore-best-weights", "--restore-best-weights" },
        { "pretrain --separator ;", "--separator" },
        { "pretrain --quotes csv", "--quotes" },
        { "train-vocabulary --separator ;", "--separator" },
        { "evaluate --quotes none", "--quotes" },
        { "evaluate --revision main", "--revision" },
        { "inspect --revision main", "--revision" },
        { "verify --revision x --reference /none.safetensors", "--revision" },
        { "convert --revision x", "--revision" },
        { "embed --revision x a", "--revision" },
        { "fill-mask --revision x [MASK]", "--revision" },
        { "tokenize --revision x a", "--revision" },
        { "pretrain --clip -1", "--clip" },
        { "pretrain --mask-probability 2", "--mask-probability" },
        { "pretrain --final-mask-probability 2", "--final-mask-probability" },
        { "pretrain --time-budget 1h --final-mask-probability 0.15", "--final-mask-probability" },
        { "pretrain --masking span", "--masking" },
        { "pretrain --sentence-pairs order", "--sentence-pairs" },
        { "pretrain --pairs nsp --architecture modernbert", "--architecture" },
        { "pretrain --pairs nsp --packing concatenate-blocks", "--packing" },
        { "pretrain --objective nsp --sentence-pairs sop", "--sentence-pairs" },
        { "pretrain --masking spans --whole-words", "--whole-words" },
        { "pretrain --eval-share 2", "--eval-share" },
        { "pretrain --keep-best", "--keep-best" },
        { "pretrain --patience 2", "--patience" },
        { "pretrain --max-time 1h --warmup 5", "--max-time" },
        { "pretrain --max-time 1h --schedule inverse-sqrt --warmup 0", "--max-time" },
        { "pretrain --block 2000 --epochs 1", "--block" },
        { "pretrain --eval-share 0.5 --block 2000 --keep-remainder", "--eval-share" },
        { "pretrain --column none", "--column" },
        { "pretrain --device cuda:99", "--device" },
        { "pretrain --device bad", "--device" },
        { "pretrain --size huge", "--size" },
        { "pretrain --architecture gpt", "--architecture" },
        { "pretrain --config /none.json", "/none.json" },
        { "pretrain --vocabulary-size 2", "--vocabulary-size" },
        { "pretrain --max-time 1x", "--max-time" },
        { "pretrain --eval-data /none.txt", "/none.txt" },
        { "pretrain --resume --keep 0", "--keep" },
        { "pretrain --seed x", "--seed" },
        { "train-vocabulary --size 1", "--size" },
        { "train-vocabulary --min-frequency 0", "--min-frequency" },
        { "train-vocabulary --column none", "--column" },
        { "tokenize --vocabulary /none.txt a", "/none.txt" },
        { "evaluate --block 100000", "--block" },
        { "evaluate --masked /none.safetensors", "/none.safetensors" },
        { "fill-mask --top 0 [MASK]", "--top" },
        { "generate --revision x a", "--revision" },
        { "generate --temperature 0 a", "--temperature" },
        { "generate --max-new-tokens 0 a", "--max-new-tokens" },
        { "generate --top-k 0 a", "--top-k" },
        { "generate --top-p 2 a", "--top-p" },
        { "generate --min-p 0 a", "--min-p" },
        { "generate --typical-p 1 a", "--typical-p" },
        { "generate --beams 0 a", "--beams" },
        { "generate --beams 2 --top-p 0.5 a", "--top-p" },
        { "generate --length-penalty 2 a", "--length-penalty" },
        { "generate --early-stopping a", "--early-stopping" },
        { "generate --results 2 a", "--results" },
        { "generate --repetition-penalty 0 a", "--repetition-penalty" },
        { "generate --no-repeat-ngrams -1 a", "--no-repeat-ngrams" },
        { "generate --end 100000 a", "--end" },
        { "generate --end x a", "--end" },
        { "generate --ids 1,,2", "--ids" },
        { "generate --ids 1 a", "--ids" },
        { "generate --beams 500000000 a", "--beams" },
        { "embed --max-length 2 a", "--max-length" },
        { "embed --max-length 100000 a", "--max-length" },
        { "embed --pooling sum a", "--pooling" },
        { "verify --reference /none.safetensors", "/none.safetensors" },
        { "convert --dtype int8", "--dtype" },
        { "bench --size huge", "--size" },
        { "bench --block 1", "--block" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Verb_WrongOptions_AreNamedAsTheShellNamesThem(string line, string named)
    {
        var words = line.Split(' ');
        string[] needed = words[0] switch
        {
            "pretrain" => ["--data", models.Text, "--output", models.At(Guid.NewGuid().ToString("N"))],
            "train-vocabulary" => ["--data", models.Text, "--output", models.At("wrong.txt")],
            "evaluate" => words.Contains("--masked") ? ["--model", models.Bert] : ["--model", models.Bert, "--data", models.Text],
            "fill-mask" or "embed" => ["--model", models.Bert],
            "generate" => ["--model", models.Causal],
            "tokenize" => words.Contains("--vocabulary") ? [] : ["--model", models.Bert],
            "verify" or "inspect" => [models.Bert],
            "convert" => [models.Bert, models.At("wrong")],
            _ => [],
        };
        if (words[0] == "pretrain")
            needed = [.. needed, .. words.Contains("--vocabulary-size") ? [] : (string[])["--vocabulary", models.Vocabulary], .. words.Contains("--max-time") || words.Contains("--time-budget") || words.Contains("--epochs") ? [] : (string[])["--epochs", "1"]];

        var result = Tool.Run([words[0], .. needed, .. words[1..]]);

        Assert.True(result.ExitCode is 1 or 2 || named.Length == 0, $"{result.ExitCode}: {result.Error}");
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        var foreign = LibraryName().Matches(result.Error).Select(match => match.Value).Except(Names, StringComparer.Ordinal);
        Assert.True(!foreign.Any(), $"{string.Join(", ", foreign)} in: {result.Error}");
    }

    /// <summary>A class, a member, or a name of several words without spaces; not in a path.</summary>
    [GeneratedRegex(@"\w+Options\b|(?<![\w/\\.-])[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+(?!\w)|(?<![\w/\\.-])[a-z]+[A-Z][a-z]+\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LibraryName();
}
