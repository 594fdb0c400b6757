using QuantaPilot.Integrations.GitHub;

namespace QuantaPilot.Functions.Settings;

/// <summary>The settings below <c>GitHub:0</c>, <c>GitHub:1</c> and so on.</summary>
internal static class GitHubSettings
{
    /// <exception cref="InvalidSettingException">One is missing or not accepted.</exception>
    public static IReadOnlyList<GitHubHost> Read(SettingsReader section)
    {
        // Shown to whoever misspells one.
        foreach (var name in (string[])["Host", "ApiUrl", "Token", "AppId", "PrivateKey"]) section.Text($"GitHub:0:{name}");
        return [.. section.Children("GitHub").Where(IsNumbered).Select(host => ReadHost(section, host))];
    }

    private static bool IsNumbered(string name) => name[(name.LastIndexOf(':') + 1)..].All(char.IsAsciiDigit);

    private static GitHubHost ReadHost(SettingsReader section, string prefix)
    {
        var host = Text("Host", GitHubHost.FindHostFault)
            ?? throw section.Refuse($"{prefix}:Host", "is missing: github.com, or the host of an Enterprise Server.");
        var api = Text("ApiUrl", GitHubHost.FindApiUrlFault);
        var token = Secret("Token", GitHubHost.FindTokenFault);
        var appId = Text("AppId", GitHubHost.FindAppIdFault);
        // Where a setting can't hold line feeds, \n stands for them.
        var key = Secret("PrivateKey", text => GitHubHost.FindPrivateKeyFault(Lines(text)));
        if (GitHubHost.FindCredentialsFault(token is not null, appId is not null, key is not null) is { } missing)
            throw section.Refuse($"{prefix}:Token", $"or __AppId and __PrivateKey beside it: {missing}.");
        return new GitHubHost
        {
            Host = host,
            ApiUrl = api is null ? null : new Uri(api),
            Token = token,
            AppId = appId,
            PrivateKey = key is null ? null : Lines(key),
        };

        string? Text(string name, Func<string, string?> findFault)
        {
            var text = section.Text($"{prefix}:{name}");
            return text is not null && findFault(text) is { } fault ? throw section.Refuse($"{prefix}:{name}", $"{fault}.") : text;
        }

        string? Secret(string name, Func<string, string?> findFault) =>
            section.Text($"{prefix}:{name}")?.StartsWith("@Microsoft.KeyVault", StringComparison.Ordinal) == true
                ? throw section.Refuse(
                    $"{prefix}:{name}",
                    "is a Key Vault reference that was not resolved: the app's identity must be allowed to read the secret.")
                : Text(name, findFault);
    }

    private static string Lines(string key) => key.Replace("\\n", "\n", StringComparison.Ordinal);
}
