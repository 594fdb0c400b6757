namespace QuantaPilot.Cli.CommandLine;

/// <summary>Something that the person at the command line is told in one sentence, and how to go on.</summary>
internal class CliException(string message, int exitCode = ExitCodes.Failed, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>The command line is wrong.</summary>
internal sealed class UsageException(string message) : CliException(message, ExitCodes.WrongUse);
