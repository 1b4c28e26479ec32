namespace MlNetBert.Models.Kernels.Vectors;

/// <summary>
/// Moves tokens' queries, keys and values between rows of all heads and the heads' own matrices, turned by their positions on the way (Su
/// et al. 2021, arXiv:2104.09864), for some of the tokens, on one thread of a processor.
/// </summary>
/// <typeparam name="T">How the numbers lie in memory.</typeparam>
internal static unsafe class HeadRows<T>
    where T : struct, INumberFormat
{
    /// <summary>
    /// [batch, sequence, heads, width], beside others in a row → [batch, heads, sequence, width], or back by the opposite angles.
    /// </summary>
    /// <param name="tokens">Tokens of all texts, and numbers of a row.</param>
    /// <param name="layout">How heads share the row.</param>
    /// <param name="row">The first token's first head.</param>
    /// <param name="heads">The first head's first token.</param>
    /// <param name="cosine">[sequence, width / 2]; null turns nothing.</param>
    /// <param name="sine">As <paramref name="cosine"/>.</param>
    /// <param name="isBack">From heads to rows.</param>
    public static void Move(Rows tokens, HeadLayout layout, nint row, nint heads, float* cosine, float* sine, bool isBack)
    {
        var width = layout.Width * T.Size;
        for (var token = tokens.Start; token < tokens.End; token++)
        {
            var (text, position) = Math.DivRem(token, layout.Sequence);
            for (var head = 0; head < layout.Heads; head++)
            {
                var inRow = row + (nint)(((token * tokens.Columns) + (head * layout.Width)) * T.Size);
                var inHead = heads + (nint)((((((text * layout.Heads) + head) * layout.Sequence) + position) * layout.Width) * T.Size);
                var (from, to) = isBack ? (inHead, inRow) : (inRow, inHead);
                if (cosine == null)
                    Buffer.MemoryCopy((void*)from, (void*)to, width, width);
                else
                    Turn(from, to, layout.Width / 2, cosine + (position * layout.Width / 2), sine + (position * layout.Width / 2), isBack);
            }
        }
    }

    private static void Turn(nint from, nint to, int half, float* cosine, float* sine, bool isBack)
    {
        var direction = EightLanes.All(isBack ? -1 : 1);
        for (var i = 0; i < half; i += EightLanes.Count)
        {
            var (near, far) = ((nint)i * T.Size, (nint)(i + half) * T.Size);
            var (first, second) = (T.Read<EightLanes>(from + near), T.Read<EightLanes>(from + far));
            var c = EightLanes.Load(cosine + i);
            var s = EightLanes.Load(sine + i) * direction;
            T.Write(to + near, (first * c) - (second * s));
            T.Write(to + far, (second * c) + (first * s));
        }
    }
}

/// <summary>How heads share a token's row.</summary>
/// <param name="Heads">How many.</param>
/// <param name="Sequence">Tokens of a text.</param>
/// <param name="Width">Numbers of a head.</param>
internal readonly record struct HeadLayout(int Heads, int Sequence, int Width);
