using CsCheck;
using MlNetBert.Models.Heads;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Heads;

public sealed class TokenDrawTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void From_EvenlySpacedPlaces_GivesTheDistributionAndNotItsMode()
    {
        const int Draws = 10_000;
        float[] probabilities = [0.1f, 0.5f, 0.15f, 0.25f];
        var logits = tensor(probabilities).log().unsqueeze(0).expand(Draws, 4);
        double[] places = [.. Enumerable.Range(0, Draws).Select(i => (i + 0.5) / Draws)];

        var drawn = TokenDraw.From(logits, places).data<long>().ToArray();

        for (var token = 0; token < 4; token++)
            Assert.Equal(probabilities[token], drawn.Count(id => id == token) / (double)Draws, 1e-3);
    }

    [Fact]
    public void From_PlacesAtTheEnds_GivesTokensThatCanBe()
    {
        var logits = tensor(new[] { float.NegativeInfinity, 1, float.NegativeInfinity, 2, float.NegativeInfinity }).unsqueeze(0).expand(2, 5);

        Assert.Equal([1, 3], TokenDraw.From(logits, [0, 1 - (1.0 / (1UL << 32))]).data<long>().ToArray());
    }

    [Fact]
    public void Scan_AnyDistribution_GivesWhatTensorsGive() =>
        Gen.Select(Gen.Float[-8, 8].Array[40], Gen.Double[0, 1].Array[6]).Sample((logits, drawn) =>
        {
            using var scope = NewDisposeScope();
            var places = Array.ConvertAll(drawn, place => Math.Min(place, 1 - (1.0 / (1UL << 32))));
            var probabilities = tensor(logits).softmax(0).unsqueeze(0).repeat(6, 1).contiguous();
            var (scanned, counted) = (TokenDraw.Scan(probabilities, places), TokenDraw.Count(probabilities, tensor(places)).data<long>().ToArray());
            var sums = probabilities[0].to(ScalarType.Float64).cumsum(0).data<double>().ToArray();

            // Where rounding decides, a neighbor.
            Assert.All(Enumerable.Range(0, 6), row => Assert.True(
                scanned[row] == counted[row] || sums.Min(sum => Math.Abs(sum - places[row])) < 1e-6));
        }, iter: 50);
}
