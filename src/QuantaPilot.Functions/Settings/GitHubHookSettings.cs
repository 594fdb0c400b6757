using QuantaPilot.Api.Hooks;

namespace QuantaPilot.Functions.Settings;

/// <summary>The settings below <c>GitHub</c> that are about webhooks.</summary>
internal static class GitHubHookSettings
{
    private const string Secret = "GitHub:WebhookSecret";
    private const string FormerSecret = "GitHub:FormerWebhookSecret";
    private const string Approvers = "GitHub:Approvers";

    /// <returns>Null if no secret is set.</returns>
    /// <exception cref="InvalidSettingException">One is missing or not accepted.</exception>
    public static GitHubHookOptions? Read(SettingsReader section)
    {
        var secrets = new[] { Secret, FormerSecret }.Select(name => ReadSecret(section, name)).OfType<string>().ToList();
        var approvers = section.List(Approvers).Select(item => ReadApprover(section, item.Name, item.Value)).ToList();
        if (secrets.Count > 0) return new GitHubHookOptions { Secrets = secrets, Approvers = approvers };
        if (approvers.Count == 0) return null;
        throw section.Refuse(Secret, "is missing: without it no webhooks are taken, and comments of approvers neither.");
    }

    private static string? ReadSecret(SettingsReader section, string name)
    {
        var secret = section.Text(name);
        // Without its value, as the message is for the log.
        return secret is null || secret.Length >= GitHubHookOptions.MinSecretLength && secret[0] != '@'
            ? secret
            : throw section.Refuse(name, secret[0] == '@'
                ? "is a Key Vault reference that was not resolved: the app's identity must be allowed to read the secret."
                : $"must have at least {GitHubHookOptions.MinSecretLength} characters.");
    }

    private static GitHubApprover ReadApprover(SettingsReader section, string name, string text)
    {
        try
        {
            return GitHubApprover.Parse(text);
        }
        catch (FormatException e)
        {
            throw section.Refuse(name, $"is not accepted: {e.Message}");
        }
    }
}
