namespace MlNetBert.Models.Generation;

/// <summary>A random number from 0 (included) to 1 (excluded), a pure function of its place.</summary>
/// <param name="row">The number of the result among all of a call, from 0.</param>
/// <param name="step">The number of the token, from 0.</param>
internal delegate double UniformDraw(long row, int step);
