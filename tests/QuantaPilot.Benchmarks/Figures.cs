using System.Globalization;

namespace QuantaPilot.Benchmarks;

/// <summary>How figures are printed.</summary>
internal static class Figures
{
    public static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    public static string NewDirectory() => Directory.CreateTempSubdirectory("qp-bench-").FullName;
}
