using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace QuantaPilot.Testing.Suite;

/// <summary>Belongs to each suite (Suite.props), and comes last in it.</summary>
[Collection(nameof(SuiteLeakTests))]
[CollectionDefinition(nameof(SuiteLeakTests), DisableParallelization = true)]
public sealed class SuiteLeakTests(ITestOutputHelper output)
{
    [Fact]
    public void Logs_OfTheWholeSuite_HoldNoSecretAndNoPersonalData()
    {
        output.WriteLine($"{Leaks.Lines} log lines");
        Leaks.AssertNone();
    }

    [ModuleInitializer]
    internal static void Watch() => CheckedError.Install();
}

/// <summary>Puts <see cref="SuiteLeakTests"/> after all others; nothing runs beside them either.</summary>
public sealed class LeaksLast : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName == nameof(SuiteLeakTests));
}
