using CsCheck;
using MlNetBert.Models.Generation;
using MlNetBert.Models.Layers;
using static TorchSharp.torch;

namespace MlNetBert.Models.Tests.Generation;

public sealed class KeyValueCacheTests
{
    [Fact]
    public void Append_AnyPartsAndWindow_GivesWhatAQueryMaySee() =>
        Gen.Select(Gen.Int[1, 9].Array[1, 12], Gen.Int[0, 12]).Sample(
            (parts, windowOrNone) =>
            {
                using var scope = NewDisposeScope();
                using var guard = no_grad();
                int? window = windowOrNone == 0 ? null : windowOrNone;
                using var cache = new KeyValueCache(2, window);
                var all = Keys(parts.Sum());
                var seen = 0;
                foreach (var part in parts)
                {
                    for (var layer = 0; layer < 2; layer++)
                    {
                        var added = all.narrow(2, seen, part).add(layer);
                        var (key, value) = cache.Append(layer, added, added.neg());
                        // What the first of the new queries sees, and the new ones.
                        var held = Math.Min(seen, window is { } near ? near - 1 : seen);
                        var expected = all.narrow(2, seen - held, held + part).add(layer);
                        Assert.Equal(expected.data<float>().ToArray(), key.contiguous().data<float>().ToArray());
                        Assert.Equal(expected.neg().data<float>().ToArray(), value.contiguous().data<float>().ToArray());
                    }

                    seen += part;
                    Assert.Equal((seen, Math.Min(seen, window - 1 ?? seen)), (cache.Length, cache.Held));
                }
            },
            iter: 60);

    [Fact]
    public void SelectRows_Rows_AreThoseInTheirOrder()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var cache = new KeyValueCache(1);
        var keys = Keys(3, batch: 2);
        cache.Append(0, keys, keys);

        cache.SelectRows(tensor([1L, 0, 1]));
        var (key, _) = cache.Append(0, Keys(1, batch: 3), Keys(1, batch: 3));

        Assert.Equal([3, 2, 4, 3], key.shape);
        Assert.Equal(keys.index_select(0, tensor([1L, 0, 1])).data<float>().ToArray(), key.narrow(2, 0, 3).contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Append_WithGradientsOrOtherShapes_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var cache = new KeyValueCache(1);
        var keys = Keys(2);

        Assert.Contains("no_grad()", Assert.Throws<InvalidOperationException>(() => cache.Append(0, keys, keys)).Message, StringComparison.Ordinal);
        using var guard = no_grad();
        cache.Append(0, keys, keys);
        Assert.Contains("[2, 2, sequence, 3]", Assert.Throws<ArgumentException>(() => cache.Append(0, Keys(2, batch: 1), Keys(2, batch: 1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyValueCache(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyValueCache(1, window: 0));
    }

    [Fact]
    public void MaskOf_AnyShape_HidesWhatAQueryMayNotSee() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 6], Gen.Int[0, 8], Gen.Bool, Gen.Bool.Array[12]).Sample(
            (sequence, before, windowOrNone, isCausal, paddingFrom) =>
            {
                using var scope = NewDisposeScope();
                int? window = windowOrNone == 0 ? null : windowOrNone;
                var keys = before + sequence;
                var isPadding = paddingFrom.AsSpan(0, keys).ToArray();

                var mask = AttentionMask.Of(tensor(isPadding).unsqueeze(0), sequence, keys, isCausal, window, CPU, ScalarType.Float32);

                var seen = mask.expand(1, 1, sequence, keys).eq(0).contiguous().data<bool>().ToArray();
                for (var query = 0; query < sequence; query++)
                {
                    for (var key = 0; key < keys; key++)
                    {
                        var distance = before + query - key;
                        var expected = !isPadding[key] && (!isCausal || distance >= 0) && (window is null || Math.Abs(distance) < window);
                        Assert.Equal(expected, seen[(query * keys) + key]);
                    }
                }
            },
            iter: 100);

    private static Tensor Keys(long sequence, long batch = 2) =>
        arange(batch * 2 * sequence * 3, ScalarType.Float32).view(batch, 2, sequence, 3);
}
