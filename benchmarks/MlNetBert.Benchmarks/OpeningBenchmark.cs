using System.Diagnostics;
using System.Globalization;
using MlNetBert.HuggingFace;
using MlNetBert.Models;
using MlNetBert.Tests.Common;

namespace MlNetBert.Benchmarks;

/// <summary>A checkpoint of BERT-base as pytorch_model.bin beside the same as model.safetensors: time and memory until the model is there.</summary>
internal static class OpeningBenchmark
{
    /// <summary>The part of a process that opens one directory and tells its peak.</summary>
    public const string Child = "open-one";

    /// <summary>Opens a directory and prints the peak of this process's memory, in KiB.</summary>
    public static int Tell(string directory)
    {
        Open(directory);
        Console.WriteLine(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        return 0;
    }

    public static void Run(Arguments arguments)
    {
        var root = Directory.CreateTempSubdirectory("mlnetbert-opening-").FullName;
        try
        {
            var (safetensors, pickle, shards) =
                (Path.Combine(root, "safetensors"), Path.Combine(root, "pickle"), Path.Combine(root, "shards"));
            var config = ModelArchitecture.Bert.CreateConfig(
                ModelSize.Base, vocabularySize: 30_522, maxPositions: 512,
                new ModelTokenIds(Padding: 0, Classification: 101, Separator: 102));
            using (var model = ModelArchitecture.Bert.Create(ModelHead.MaskedLanguageModel, config, seed: 1))
            {
                foreach (var directory in (string[])[safetensors, pickle, shards])
                    Weights.SaveDirectory(model, Directory.CreateDirectory(directory).FullName);
            }

            TorchFile.Replace(pickle);
            TorchFile.Replace(shards, shards: 4);
            var megabytes = new FileInfo(Path.Combine(safetensors, ModelFiles.Weights)).Length / 1e6;
            Report.Head(
                $"Opening {megabytes.ToString("0", CultureInfo.InvariantCulture)} MB of weights", "what", "processor time, ms",
                "of safetensors'",
                "peak memory of a process that does it, MB");
            (string Name, string Directory)[] all =
                [("model.safetensors", safetensors), ("pytorch_model.bin", pickle), ("pytorch_model.bin, 4 shards", shards)];
            var times = InTurn.ProcessorTime(arguments.Rounds, calls: 1, warmUp: 2, all.Select(one => (Action)(() => Open(one.Directory))));
            foreach (var ((name, directory), seconds) in all.Zip(times))
            {
                Report.Row(
                    name, Report.Spread([.. seconds.Select(value => 1000 * value)], "0"),
                    Report.Number(Report.Median(seconds) / Report.Median(times[0])) + " ×",
                    PeakOf(directory) is { } peak ? Report.Number(peak, "0") : "–");
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Open(string path)
    {
        var directory = ModelDirectory.Open(path);
        var config = ModelArchitecture.ReadConfig(directory.ConfigPath);
        using var weights = directory.OpenWeights();
        using var model = ModelArchitecture.Of(config).Load(ModelHead.MaskedLanguageModel, config, weights, out _);
    }

    /// <summary>The most memory that a process which opens a directory had, in megabytes; null where the system does not tell.</summary>
    private static double? PeakOf(string directory)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        using var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!,
            [.. Environment.GetCommandLineArgs().Take(1).Where(file => file.EndsWith(".dll", StringComparison.Ordinal)), Child, directory])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        return double.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
