using System.Reflection;
using System.Runtime.CompilerServices;
using QuantaPilot.Testing.Watching;
using Xunit.Abstractions;

namespace QuantaPilot.Testing.Suite;

/// <summary>Belongs to each suite (Suite.props), and comes last in it.</summary>
[Collection(nameof(SuiteLeakTests))]
[CollectionDefinition(nameof(SuiteLeakTests), DisableParallelization = true)]
public sealed class SuiteLeakTests(ITestOutputHelper output)
{
    [Fact]
    public void LogsAnswersAndOutput_OfTheWholeSuite_HoldNoSecretAndNoPersonalData()
    {
        var shown = new Dictionary<string, long>
        {
            ["Lines"] = Leaks.Lines,
            ["Published"] = Leaks.Published,
            ["Printed"] = Leaks.Printed,
            ["Processes"] = WatchedProcesses.Publishing,
        };
        output.WriteLine(string.Join(", ", shown));
        Leaks.AssertNone();
        // A search that is shown nothing finds nothing.
        Assert.All(Expected(), kind => Assert.True(shown[kind] > 0, $"{kind}: none in this suite"));
    }

    [Fact]
    public async Task Secret_InALogLineOrAMessage_WouldBeFound()
    {
        var probe = Leaks.Probe();
        var (lines, published) = (Leaks.Lines, Leaks.Published);

        Leaky.Log(probe);
        Console.Error.WriteLine($"A line about {probe.Token}");
        Console.Error.Write($"A line about {probe.Token}\n".ToCharArray(), 0, 60);
        await Leaky.SendAsync(probe);

        var found = probe.Found.Select(fault => fault.Split(" holds ")[0]);
        Assert.Equal(["A log line", "A log line", "A log line", "The body of POST /"], found);
        // Counted is what a suite has to show, not what is made up here.
        Assert.Equal((lines, published), (Leaks.Lines, Leaks.Published));
    }

    [ModuleInitializer]
    internal static void Watch()
    {
        CheckedError.Install();
        WatchedHosts.Install();
    }

    private static string[] Expected() => typeof(SuiteLeakTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "LeaksShown").Value!.Split(';', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Puts <see cref="SuiteLeakTests"/> after all others; nothing runs beside them either.</summary>
public sealed class LeaksLast : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName == nameof(SuiteLeakTests));
}
