using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("QuantaPilot.Conformance.Support.ConformanceFramework", "QuantaPilot.Conformance")]

namespace QuantaPilot.Conformance.Support;

/// <summary>
/// xunit with a word before the scenarios on which server they test, how long each took, a summary after them, and the end of
/// a server that was started for them.
/// </summary>
public sealed class ConformanceFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assemblyName, ISourceInformationProvider source, IMessageSink diagnostics)
        : XunitTestFrameworkExecutor(assemblyName, source, diagnostics)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            var times = new ScenarioTimes(executionMessageSink, DiagnosticMessageSink);
            using var runner = new Runner(TestAssembly, testCases, DiagnosticMessageSink, times, executionOptions);
            await runner.RunAsync();
        }
    }

    private sealed class Runner(
        ITestAssembly testAssembly,
        IEnumerable<IXunitTestCase> testCases,
        IMessageSink diagnostics,
        ScenarioTimes times,
        ITestFrameworkExecutionOptions options) : XunitTestAssemblyRunner(testAssembly, testCases, diagnostics, times, options)
    {
        private ServerUnderTest? _server;

        protected override async Task AfterTestAssemblyStartingAsync()
        {
            await base.AfterTestAssemblyStartingAsync();
            try
            {
                _server = await ServerUnderTest.GetAsync();
            }
#pragma warning disable CA1031 // Each scenario waits for the same server, and fails with what went wrong.
            catch (Exception e)
#pragma warning restore CA1031
            {
                times.Say($"No server to test: {e.Message}");
                return;
            }
            times.Server = $"{_server.Url} ({_server.Kind})";
            times.Say($"Testing {times.Server}, {(Settings.Commands ? "with" : "without")} programs of repositories; "
                + $"each wait is given {Settings.Patience.TotalSeconds:0} s.");
        }

        protected override async Task BeforeTestAssemblyFinishedAsync()
        {
            if (_server is not null) await _server.DisposeAsync();
            await base.BeforeTestAssemblyFinishedAsync();
        }
    }
}
