namespace MlNetBert.Tests.Interop;

/// <summary>What stands for a model in the tests of saving: a text and some weights, in a directory with a subdirectory.</summary>
internal sealed record SharedThing(string Text, byte[] Weights)
{
    public int Writes { get; private set; }

    public void Write(string directory)
    {
        Writes++;
        File.WriteAllText(Path.Combine(directory, "config.txt"), Text);
        Directory.CreateDirectory(Path.Combine(directory, "sub"));
        File.WriteAllBytes(Path.Combine(directory, "sub", "weights.bin"), Weights);
    }

    public static SharedThing Read(string directory) =>
        new(File.ReadAllText(Path.Combine(directory, "config.txt")), File.ReadAllBytes(Path.Combine(directory, "sub", "weights.bin")));
}
