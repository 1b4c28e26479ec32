using ILGPU.Algorithms;

namespace MlNetBert.Models.Kernels;

/// <summary>Eight numbers in float32 that a thread computes with.</summary>
internal readonly struct Float8(float a, float b, float c, float d, float e, float f, float g, float h)
{
    public readonly float A = a;
    public readonly float B = b;
    public readonly float C = c;
    public readonly float D = d;
    public readonly float E = e;
    public readonly float F = f;
    public readonly float G = g;
    public readonly float H = h;

    public static Float8 operator +(Float8 x, Float8 y) =>
        new(x.A + y.A, x.B + y.B, x.C + y.C, x.D + y.D, x.E + y.E, x.F + y.F, x.G + y.G, x.H + y.H);

    public static Float8 operator *(Float8 x, Float8 y) =>
        new(x.A * y.A, x.B * y.B, x.C * y.C, x.D * y.D, x.E * y.E, x.F * y.F, x.G * y.G, x.H * y.H);

    public static Float8 operator +(Float8 x, float y) => new(x.A + y, x.B + y, x.C + y, x.D + y, x.E + y, x.F + y, x.G + y, x.H + y);

    public static Float8 operator *(Float8 x, float y) => new(x.A * y, x.B * y, x.C * y, x.D * y, x.E * y, x.F * y, x.G * y, x.H * y);

    public float Sum() => ((A + B) + (C + D)) + ((E + F) + (G + H));

    public float Max() => XMath.Max(XMath.Max(XMath.Max(A, B), XMath.Max(C, D)), XMath.Max(XMath.Max(E, F), XMath.Max(G, H)));
}
