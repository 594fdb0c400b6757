using System.Text.RegularExpressions;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Api.Hooks;

/// <summary>Whom GitHub's webhooks come from, and whose comments count as votes.</summary>
public sealed record GitHubHookOptions
{
    /// <summary>The least length of a secret, in characters. GitHub signs with whatever it is given.</summary>
    public const int MinSecretLength = 16;

    private const int MaxSecrets = 2;

    /// <summary>One of them has signed each request: one, or two while the secret is being changed.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>The people whose comments on pull requests are votes. Default: nobody's are.</summary>
    public IReadOnlyList<GitHubApprover> Approvers { get; init; } = [];

    /// <exception cref="FormatException">A secret is not accepted; the message says why, without the secret.</exception>
    public void Validate()
    {
        if (Secrets.Count is 0 or > MaxSecrets)
            throw new FormatException($"GitHub's webhooks take one secret, or {MaxSecrets} while it is changed.");
        if (Secrets.Any(secret => secret.Length < MinSecretLength))
            throw new FormatException($"The secret of GitHub's webhooks must have at least {MinSecretLength} characters.");
    }
}

/// <summary>Somebody whose comments are votes.</summary>
/// <param name="Login">Their login on GitHub, in any case.</param>
/// <param name="Projects">A glob over repository URLs without <c>.git</c>: where they are.</param>
public sealed partial record GitHubApprover(string Login, string Projects)
{
    private const string Everywhere = "*";

    /// <summary>Reads <c>LOGIN</c> or <c>LOGIN=GLOB</c>.</summary>
    /// <exception cref="FormatException">Says what is wrong and what is accepted.</exception>
    public static GitHubApprover Parse(string text)
    {
        var parts = text.Split('=', 2);
        if (!LoginPattern().IsMatch(parts[0]))
        {
            throw new FormatException(
                $"'{text}' names no approver: give LOGIN, or LOGIN=GLOB with the repositories, e.g. octocat=https://github.com/my-org/*.");
        }
        var approver = new GitHubApprover(parts[0], parts.Length == 2 ? parts[1] : Everywhere);
        _ = new RepositoryPolicy([approver.Projects]);
        return approver;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}(?:\[bot\])?\z")]
    private static partial Regex LoginPattern();
}
