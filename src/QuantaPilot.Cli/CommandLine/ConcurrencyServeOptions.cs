using System.CommandLine;
using System.Globalization;
using QuantaPilot.Core.Admission;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>The options of <c>serve</c> that limit how many runs work at the same time.</summary>
internal sealed class ConcurrencyServeOptions
{
    private readonly Option<int> _running = Create(
        "--max-running", "Let so many runs work at the same time; others are queued. Runs at gates and paused ones don't count.");

    private readonly Option<int> _perProject = Create("--max-running-per-project", "The same for each repository.");

    private readonly Option<int> _perBranch = Create(
        "--max-running-per-branch",
        "Let so many runs be under way on a branch, those at gates and paused ones included; 1 gives each the branch to itself.");

    public void AddTo(Command command)
    {
        command.Add(_running);
        command.Add(_perProject);
        command.Add(_perBranch);
    }

    public ConcurrencyLimits Read(ParseResult parse) => new()
    {
        Running = parse.GetValue(_running),
        RunningPerProject = parse.GetValue(_perProject),
        RunningPerBranch = parse.GetValue(_perBranch),
    };

    private static Option<int> Create(string name, string description)
    {
        var option = new Option<int>(name) { Description = $"{description} Default: 0, no limit.", HelpName = "count" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: var text }]) return;
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > ConcurrencyLimits.Most)
                result.AddError($"{name} '{text}' is not accepted: give a number from 0 to {ConcurrencyLimits.Most}.");
        });
        return option;
    }
}
