namespace MlNetBert.Text.Randomness;

/// <summary>
/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, «Parallel random numbers: as easy as 1, 2, 3» (2011):
/// four random words that are a pure function of a counter and a key.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The four words at a counter.</summary>
    /// <param name="key0">The key's low word.</param>
    /// <param name="key1">The key's high word.</param>
    /// <param name="counter0">The counter's lowest word.</param>
    /// <param name="counter1">Its second word.</param>
    /// <param name="counter2">Its third word.</param>
    /// <param name="counter3">Its highest word.</param>
    /// <returns>Four words, each uniform over all 32-bit numbers.</returns>
    public static (uint X0, uint X1, uint X2, uint X3) Generate(uint key0, uint key1, uint counter0, uint counter1, uint counter2,
        uint counter3)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * counter0;
            ulong product1 = (ulong)Multiplier1 * counter2;
            uint next0 = (uint)(product1 >> 32) ^ counter1 ^ key0;
            uint next2 = (uint)(product0 >> 32) ^ counter3 ^ key1;
            counter1 = (uint)product1;
            counter3 = (uint)product0;
            counter0 = next0;
            counter2 = next2;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return (counter0, counter1, counter2, counter3);
    }
}
