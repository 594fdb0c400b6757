using System.CommandLine;
using QuantaPilot.Cli.Client;

namespace QuantaPilot.Cli.Commands;

internal static class RunArgument
{
    public static Argument<string> Create() => new("run")
    {
        Description = $"Run id, or its first {RunIdPrefix.MinLength} or more characters.",
    };

    public static Option<string?> Reason(string description) => new("--reason") { Description = description, HelpName = "text" };
}
