using System.CommandLine;
using QuantaPilot.Api.Hooks;

namespace QuantaPilot.Cli.CommandLine;

/// <summary>
/// What <c>serve</c> is given for GitHub's webhooks. Secrets come from the environment, where other users' <c>ps</c> does not see them.
/// </summary>
internal sealed class GitHubHookServeOptions
{
    /// <summary>The secret of the webhooks.</summary>
    public const string Secret = "QP_GITHUB_WEBHOOK_SECRET";

    /// <summary>The secret before that one, while webhooks are still signed with it.</summary>
    public const string FormerSecret = "QP_GITHUB_WEBHOOK_SECRET_FORMER";

    private readonly Option<string[]> _approvers = new("--github-approver")
    {
        Description = "Take this person's comments /approve SHA and /reject REASON on pull requests for votes, as LOGIN[=GLOB] with the "
            + $"repositories; without: all. May be repeated. Needs the secret of GitHub's webhooks in {Secret}. Default: nobody's.",
        HelpName = "login=glob",
    };

    public void AddTo(Command command) => command.Add(_approvers);

    /// <returns>Null if no secret is set.</returns>
    /// <exception cref="UsageException">Something is missing or not accepted.</exception>
    public GitHubHookOptions? Read(ParseResult parse, Func<string, string?> variable)
    {
        var secrets = new[] { Secret, FormerSecret }.Select(name => variable(name)?.Trim()).OfType<string>()
            .Where(text => text.Length > 0).ToList();
        var approvers = parse.GetValue(_approvers) ?? [];
        if (secrets.Count == 0)
        {
            return approvers.Length == 0
                ? null
                : throw new UsageException($"{_approvers.Name} needs the secret of GitHub's webhooks in {Secret}.");
        }
        try
        {
            var options = new GitHubHookOptions { Secrets = secrets, Approvers = [.. approvers.Select(GitHubApprover.Parse)] };
            options.Validate();
            return options;
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
