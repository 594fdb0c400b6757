using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace QuantaPilot.Conformance.Support;

/// <summary>Passes on the results of scenarios, and tells people of each as it ends.</summary>
/// <param name="next">Where the results go.</param>
/// <param name="people">Where lines for people go.</param>
internal sealed class ScenarioTimes(IMessageSink next, IMessageSink people) : LongLivedMarshalByRefObject, IMessageSink
{
    private readonly ConcurrentBag<(string Scenario, string Result)> _results = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What was tested; null if there was nothing to test.</summary>
    public string? Server { get; set; }

    public bool OnMessage(IMessageSinkMessage message)
    {
        if (message is ITestResultMessage result) Note(result);
        // The results come here one after another, some of them after the runner has gone on: this is the end.
        if (message is ITestAssemblyFinished && Server is not null) Say($"{Server}: {Summary()}");
        return next.OnMessage(message);
    }

    public void Say(string line) => people.OnMessage(new DiagnosticMessage(line));

    private string Summary()
    {
        var scenarios = _results.Select(result => result.Scenario).Distinct().Count();
        var results = _results.GroupBy(result => result.Result).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{scenarios} scenarios in {_results.Count} cases: {string.Join(", ", results)}, in {_clock.Elapsed.TotalSeconds:0.0} s");
    }

    private void Note(ITestResultMessage result)
    {
        var word = result switch
        {
            ITestPassed => "passed",
            ITestFailed => "failed",
            _ => "skipped",
        };
        var method = result.Test.TestCase.TestMethod;
        _results.Add(($"{method.TestClass.Class.Name}.{method.Method.Name}", word));
        var name = result.Test.DisplayName.Replace($"{typeof(PipelineTests).Namespace}.", "", StringComparison.Ordinal);
        Say(string.Create(CultureInfo.InvariantCulture, $"{word} in {result.ExecutionTime,6:0.00} s  {name}"));
    }
}
