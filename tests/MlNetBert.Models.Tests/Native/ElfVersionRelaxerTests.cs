using CsCheck;
using MlNetBert.Models.Native;

namespace MlNetBert.Models.Tests.Native;

public class ElfVersionRelaxerTests
{
    [Fact]
    public void MakeWeak_OfAWellFormedLibrary_ChangesExactlyOneFlag()
    {
        var original = new ElfBuilder().Build();

        var edited = MakeWeak(original);

        var changed = Assert.Single(Differences(original, edited));
        Assert.Equal(0, original[changed]);
        Assert.Equal(2, edited[changed]);
        Assert.Equal(ElfBuilder.Hash("GLIBCXX_3.4.32"), BitConverter.ToUInt32(edited, changed - 4));
        Assert.Contains("weak already", Assert.Throws<NativeImageException>(() => MakeWeak(edited)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MakeWeak_OfTheRealShim_ChangesExactlyOneFlag()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the shim is an ELF file on Linux only");
        var shim = TorchLocator.ForThisProcess(NativeNames.ForThisProcess()!).FindShim();
        var original = File.ReadAllBytes(shim!);

        Assert.Single(Differences(original, MakeWeak(original)));
    }

    [Theory]
    [InlineData(0, 0x7e, "ELF")]
    [InlineData(4, 1, "64-bit")]
    [InlineData(5, 2, "little-endian")]
    [InlineData(16, 2, "shared object")]
    [InlineData(18, 183, "x86-64")]
    [InlineData(58, 40, "section headers")]
    [InlineData(60, 0, "section headers")]
    public void MakeWeak_OfAnotherKindOfFile_SaysWhatWasExpected(int at, byte value, string expected)
    {
        var image = new ElfBuilder().Build();
        image[at] = value;
        Assert.Contains(expected, Assert.Throws<NativeImageException>(() => MakeWeak(image)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MakeWeak_OfATruncatedLibrary_IsRefusedAtEveryLength()
    {
        var image = new ElfBuilder().Build();
        for (var length = 0; length < image.Length; length++)
            Assert.Throws<NativeImageException>(() => MakeWeak(image[..length]));
    }

    [Fact]
    public void MakeWeak_WithoutTheRequirement_IsRefused()
    {
        var builder = new ElfBuilder();
        builder.Needs[1].Versions.RemoveAt(1);
        AssertRefused(builder, "found none");
    }

    [Fact]
    public void MakeWeak_WithTheRequirementOfAnotherLibrary_IsRefused()
    {
        var builder = new ElfBuilder();
        builder.Needs[1] = ("libother.so.6", builder.Needs[1].Versions);
        AssertRefused(builder, "found none");
    }

    [Fact]
    public void MakeWeak_WithTheRequirementTwice_IsRefused()
    {
        var builder = new ElfBuilder();
        builder.Needs[1].Versions.Add(("GLIBCXX_3.4.32", 0, 9, null));
        AssertRefused(builder, "several");
    }

    [Fact]
    public void MakeWeak_WithOtherFlags_IsRefused()
    {
        var builder = new ElfBuilder();
        builder.Needs[1].Versions[1] = ("GLIBCXX_3.4.32", 4, 4, null);
        AssertRefused(builder, "flags 0x4");
    }

    [Fact]
    public void MakeWeak_WithAWrongHash_IsRefused()
    {
        var builder = new ElfBuilder();
        builder.Needs[1].Versions[1] = ("GLIBCXX_3.4.32", 0, 4, 1);
        AssertRefused(builder, "hash");
    }

    [Fact]
    public void MakeWeak_WithARelocationToASymbolOfTheVersion_IsRefused()
    {
        var builder = new ElfBuilder();
        builder.Relocations.Add(3); // the symbol whose version is 4, that of GLIBCXX_3.4.32
        AssertRefused(builder, "relocation");
    }

    [Fact]
    public void MakeWeak_WithADefinedSymbolOfTheVersion_IsRefused()
    {
        var builder = new ElfBuilder();
        builder.Symbols[2] = (4, true);
        AssertRefused(builder, "undefined");
    }

    [Fact]
    public void MakeWeak_WhereTheLoaderReadsAnotherPlace_IsRefused() => AssertRefused(new ElfBuilder { VerneedShift = 16 }, "DT_VERNEED");

    [Fact]
    public void MakeWeak_OfMutatedBytes_RefusesOrChangesExactlyOneFlag()
    {
        var image = new ElfBuilder().Build();
        var mutation = Gen.Select(Gen.Int[0, image.Length - 1], Gen.Byte).Array[1, 6];
        mutation.Sample(
            changes =>
            {
                var mutated = image.ToArray();
                foreach (var (at, value) in changes)
                    mutated[at] = value;
                var before = mutated.ToArray();
                byte[] edited;
                try
                {
                    edited = MakeWeak(mutated);
                }
                catch (NativeImageException)
                {
                    return true;
                }

                var differences = Differences(before, edited);
                return before.AsSpan().SequenceEqual(mutated) && differences is [var one] && before[one] == 0 && edited[one] == 2;
            },
            iter: 20_000,
            threads: 1);
    }

    private static byte[] MakeWeak(byte[] image) => ElfVersionRelaxer.MakeWeak(image, "libstdc++.so.6", ShimRepair.Version);

    private static void AssertRefused(ElfBuilder builder, string because)
    {
        var image = builder.Build();
        Assert.Contains(because, Assert.Throws<NativeImageException>(() => MakeWeak(image)).Message, StringComparison.Ordinal);
    }

    private static List<int> Differences(byte[] a, byte[] b)
    {
        Assert.Equal(a.Length, b.Length);
        return [.. Enumerable.Range(0, a.Length).Where(i => a[i] != b[i])];
    }
}
