using System.Diagnostics;
using static TorchSharp.torch;

namespace MlNetBert.Benchmarks;

/// <summary>Hugging Face's own graphs, TorchScript files packed with xz, whose weights are all zero.</summary>
internal static class Peer
{
    /// <summary>Unpacks a file beside the others of the system's temporary directory, once.</summary>
    public static string Unpack(string packed)
    {
        var target = Path.Combine(Path.GetTempPath(), "mlnetbert-" + Path.GetFileNameWithoutExtension(packed));
        if (File.Exists(target))
            return target;
        var partial = target + ".partial";
        using (var process = Process.Start(new ProcessStartInfo("xz", ["-dkc", packed]) { RedirectStandardOutput = true, UseShellExecute = false })!)
        {
            using var file = File.Create(partial);
            process.StandardOutput.BaseStream.CopyTo(file);
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidDataException($"xz could not unpack {packed}.");
        }

        File.Move(partial, target);
        return target;
    }

    /// <summary>Draws weights as Hugging Face does, so that no product is of zeros.</summary>
    public static void Initialize(nn.Module module)
    {
        using var guard = no_grad();
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (name.Contains("LayerNorm.weight", StringComparison.Ordinal))
                nn.init.ones_(parameter);
            else if (parameter.dim() > 1)
                nn.init.normal_(parameter, 0, 0.02);
        }
    }
}
