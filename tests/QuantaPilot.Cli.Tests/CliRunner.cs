using QuantaPilot.Cli.CommandLine;
using Spectre.Console.Testing;

namespace QuantaPilot.Cli.Tests;

/// <summary>
/// Runs command lines inside the test, with a terminal and an environment of its own. All that they print is looked through for secrets.
/// </summary>
internal sealed class CliRunner : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("qp-cli-tests-");

    public CliRunner() => Directory.CreateDirectory(DataDirectory);

    public TestConsole Out { get; } = new();

    public TestConsole Error { get; } = new TestConsole().Width(200);

    public string Input { get; set; } = "";

    public bool Interactive { get; set; }

    public Dictionary<string, string> Variables { get; } = [];

    public ServerStarter StartServer { get; set; } = (_, _) =>
        throw new InvalidOperationException("This test expects no server in this process.");

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public string WorkingDirectory => _directory.FullName;

    public string DataDirectory => Path.Combine(_directory.FullName, "data");

    /// <summary>Runs against the fake server as a remote one.</summary>
    public Task<int> RunAsync(FakeApi api, params string[] args)
    {
        Variables["QP_SERVER"] = api.Url.AbsoluteUri;
        Variables["QP_TOKEN"] = FakeApi.Token;
        return RunAsync(args);
    }

    public Task<int> RunAsync(params string[] args) => RunAsync(args, CancellationToken.None);

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var (output, error) = (Out.Output.Length, Error.Output.Length);
        try
        {
            return await QpCommandLine.RunAsync(args, CreateEnvironment(), cancellationToken);
        }
        finally
        {
            var (command, givesSecrets) = ($"The output of qp {string.Join(' ', args)}", Leaks.CommandGivesSecrets(args));
            Leaks.NotePrinted(command, Out.Output[output..], givesSecrets);
            Leaks.NotePrinted(command, Error.Output[error..]);
        }
    }

    public CliEnvironment CreateEnvironment()
    {
        Variables.TryAdd("QP_DATA", DataDirectory);
        return new CliEnvironment
        {
            Out = Out,
            Error = Error,
            In = new StringReader(Input),
            Interactive = Interactive,
            Variable = name => Variables.GetValueOrDefault(name),
            WorkingDirectory = WorkingDirectory,
            Time = Time,
            StartServer = StartServer,
            SelfName = "qp",
        };
    }

    public void Dispose()
    {
        Out.Dispose();
        Error.Dispose();
        _directory.Delete(recursive: true);
    }
}
