using Microsoft.Extensions.Configuration;
using QuantaPilot.Api.Access;
using QuantaPilot.Api.Access.Entra;
using QuantaPilot.Api.Hooks;
using QuantaPilot.Api.Limits;
using QuantaPilot.Core.Admission;
using QuantaPilot.Core.Limits;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Chat;
using QuantaPilot.Integrations.EventGrid;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.GitHub;
using QuantaPilot.Integrations.Http;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Functions.Settings;

/// <summary>
/// The app's settings, from the section <c>QuantaPilot</c> of the configuration: environment variables, where a level is
/// written with two underscores (<c>QuantaPilot__Retention__Days</c>).
/// </summary>
internal sealed record AppSettings
{
    private const string Section = "QuantaPilot";

    /// <summary>Globs of the repositories that runs may use. Default: <c>https://*</c>.</summary>
    public IReadOnlyList<string> AllowedRepositories { get; init; } = ["https://*"];

    /// <summary>
    /// Credentials for git over HTTPS, for URLs below <c>Git:UrlPrefix</c>; without it for each host (and path) that the allowed
    /// repositories name. Default: none.
    /// </summary>
    public IReadOnlyList<GitCredential> GitCredentials { get; init; } = [];

    /// <summary>
    /// Hosts of GitHub's whose repositories have their pull requests there: <c>GitHub:N:Host</c>, <c>ApiUrl</c> for an Enterprise Server
    /// elsewhere, and <c>Token</c> or <c>AppId</c> with <c>PrivateKey</c>. Default: none.
    /// </summary>
    public IReadOnlyList<GitHubHost> GitHub { get; init; } = [];

    /// <summary>An admin token that is accepted from the first start; null for none.</summary>
    public string? BootstrapToken { get; init; }

    /// <summary>
    /// The Entra ID tokens that are accepted besides API tokens: <c>Entra:Authority</c> and <c>Entra:Audience</c>, together;
    /// <c>Entra:Projects</c> says what their holders reach, by default everything. Default: none.
    /// </summary>
    public EntraOptions? Entra { get; init; }

    /// <summary>
    /// The webhooks of GitHub: <c>GitHub:WebhookSecret</c>, and <c>GitHub:FormerWebhookSecret</c> while it is being changed;
    /// <c>GitHub:Approvers</c> says whose comments are votes, as LOGIN or LOGIN=GLOB. Default: none are taken.
    /// </summary>
    public GitHubHookOptions? GitHubHooks { get; init; }

    /// <summary>Where runs, events and tokens are kept.</summary>
    public TablesOptions Storage { get; init; } = new();

    /// <summary>How many days runs are kept after their end; 0 for ever. Default: 90.</summary>
    public int RetentionDays { get; init; } = 90;

    /// <summary>The Event Grid topics that get events. Default: none.</summary>
    public IReadOnlyList<EventGridTopic> EventGridTopics { get; init; } = [];

    /// <summary>The models that agents of type <c>chat</c> may use: <c>Chat:N</c>. Default: none, such agents are refused.</summary>
    public ChatEndpoints ChatEndpoints { get; init; } = new([]);

    /// <summary>Where webhooks may go. Default: public addresses over https.</summary>
    public WebhookTargets WebhookTargets { get; init; } = new([]);

    /// <summary>How many runs work at the same time, over all instances. Default: no limit.</summary>
    public ConcurrencyLimits Concurrency { get; init; } = new();

    /// <summary>
    /// Agents elsewhere: <c>Agents:0:Name</c>, <c>:Url</c>, <c>:Secret</c>, <c>:Projects:0</c>; and <c>PublicUrl</c>. Default: none.
    /// </summary>
    public AgentSettings Agents { get; init; } = new(new HttpAgentEndpoints([], new WebhookTargets([])), new PublicUrl());

    /// <summary>
    /// What the runs of a project may use up in a day (UTC): <c>DailyLimits:N:Project</c> (a glob), <c>:Tokens</c>, <c>:Usd</c>.
    /// Default: as much as they take.
    /// </summary>
    public IReadOnlyList<DailyLimit> DailyLimits { get; init; } = [];

    /// <summary>How many requests are taken. One proxy is trusted by default: Azure's front end, which names the caller.</summary>
    public RateLimitOptions RateLimits { get; init; } = new() { TrustedProxies = 1 };

    /// <summary>True to have <c>GET /metrics</c> tell what the instance that answers has counted. Default: false.</summary>
    public bool Metrics { get; init; }

    /// <exception cref="InvalidSettingException">A setting is not accepted.</exception>
    public static AppSettings Read(IConfiguration configuration)
    {
        var section = new SettingsReader(configuration.GetSection(Section));
        var repositories = ReadRepositories(section);
        var webhookTargets = ReadWebhookTargets(section);
        var defaults = new AppSettings();
        var settings = new AppSettings
        {
            AllowedRepositories = repositories,
            GitCredentials = ReadCredentials(section, repositories),
            GitHub = GitHubSettings.Read(section),
            BootstrapToken = ReadBootstrapToken(section),
            Entra = EntraSettings.Read(section),
            GitHubHooks = GitHubHookSettings.Read(section),
            Storage = ReadStorage(section, configuration),
            EventGridTopics = ReadTopics(section),
            ChatEndpoints = ChatSettings.Read(section),
            WebhookTargets = webhookTargets,
            Agents = AgentSettings.Read(section, webhookTargets, configuration),
            DailyLimits = DailyLimitSettings.Read(section),
            RetentionDays = section.Number("Retention:Days", defaults.RetentionDays, 36_500),
            Metrics = ReadMetrics(section),
            Concurrency = new ConcurrencyLimits
            {
                Running = section.Number("Concurrency:Running", 0, ConcurrencyLimits.Most),
                RunningPerProject = section.Number("Concurrency:RunningPerProject", 0, ConcurrencyLimits.Most),
                RunningPerBranch = section.Number("Concurrency:RunningPerBranch", 0, ConcurrencyLimits.Most),
            },
            RateLimits = new RateLimitOptions
            {
                TriggersPerMinute = Limit("TriggersPerMinute", defaults.RateLimits.TriggersPerMinute),
                DecisionsPerMinute = Limit("DecisionsPerMinute", defaults.RateLimits.DecisionsPerMinute),
                WritesPerMinute = Limit("WritesPerMinute", defaults.RateLimits.WritesPerMinute),
                ReadsPerMinute = Limit("ReadsPerMinute", defaults.RateLimits.ReadsPerMinute),
                FailedAuthenticationsPerMinute =
                    Limit("FailedAuthenticationsPerMinute", defaults.RateLimits.FailedAuthenticationsPerMinute),
                TrustedProxies = section.Number("RateLimits:TrustedProxies", defaults.RateLimits.TrustedProxies, 10),
            },
        };
        section.RefuseUnknown();
        return settings;

        int Limit(string name, int absent) => section.Number($"RateLimits:{name}", absent, RateLimitOptions.MaxPerMinute);
    }

    private static IReadOnlyList<string> ReadRepositories(SettingsReader section)
    {
        var globs = section.List("AllowedRepositories");
        foreach (var (name, glob) in globs)
        {
            try
            {
                _ = new RepositoryPolicy([glob]);
            }
            catch (FormatException e)
            {
                throw section.Refuse(name, $"is not accepted: {e.Message}");
            }
        }
        return globs.Count > 0 ? [.. globs.Select(glob => glob.Value)] : new AppSettings().AllowedRepositories;
    }

    /// <summary>A password goes to hosts that a setting names, never to whichever a caller asks for.</summary>
    private static IReadOnlyList<GitCredential> ReadCredentials(SettingsReader section, IReadOnlyList<string> repositories)
    {
        const string Password = "Git:Password";
        var (username, password) = (section.Text("Git:Username"), section.Text(Password));
        var prefix = section.Text("Git:UrlPrefix");
        if (password is null && username is null) return [];
        if (password is null || username is null)
            throw section.Refuse(password is null ? Password : "Git:Username", "is missing: a user name and a password go together.");
        if (prefix is not null) return [new GitCredential(prefix, username, password)];
        var prefixes = repositories.Select(FindPrefix).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return prefixes.Count > 0
            ? [.. prefixes.Select(prefix => new GitCredential(prefix, username, password))]
            : throw section.Refuse(
                Password, "would be sent to any host: name those that it is for in AllowedRepositories, e.g. https://github.com/my-org/*.");
    }

    /// <summary>The part of a glob that has a whole host and only whole parts of a path; null if there is none.</summary>
    private static string? FindPrefix(string glob)
    {
        const string Scheme = "https://";
        if (!glob.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var star = glob.IndexOf('*', StringComparison.Ordinal);
        var slash = star < 0 ? glob.Length : glob.LastIndexOf('/', star);
        return slash > Scheme.Length ? glob[..slash] : null;
    }

    private static string? ReadBootstrapToken(SettingsReader section)
    {
        const string Name = "BootstrapToken";
        var token = section.Text(Name);
        // Without its value: this is a secret, and the message is for the log.
        return token is null || BearerToken.IsWellFormed(token)
            ? token
            : throw section.Refuse(Name, token.StartsWith('@')
                ? "is a Key Vault reference that was not resolved: the app's identity must be allowed to read the secret."
                : "must be qp_ and 43 characters of base64url.");
    }

    private static List<EventGridTopic> ReadTopics(SettingsReader section)
    {
        const string Topics = "EventGrid:Topics";
        var topics = new List<EventGridTopic>();
        foreach (var topic in section.Children(Topics))
        {
            var name = section.Text($"{topic}:Name") ?? throw section.Refuse($"{topic}:Name", "is missing: what the topic is called here.");
            if (!Uri.TryCreate(section.Text($"{topic}:Endpoint"), UriKind.Absolute, out var endpoint))
                throw section.Refuse($"{topic}:Endpoint", "must be an absolute URL, https://….eventgrid.azure.net/api/events.");
            var types = section.List($"{topic}:EventTypes").Select(type => type.Value).ToList();
            topics.Add(new EventGridTopic { Name = name, Endpoint = endpoint, EventTypes = types, Key = section.Text($"{topic}:Key") });
        }
        return topics;
    }

    private static WebhookTargets ReadWebhookTargets(SettingsReader section)
    {
        var hosts = section.List("Webhooks:AllowedHosts");
        foreach (var (name, host) in hosts)
        {
            try
            {
                _ = new WebhookTargets([host]);
            }
            catch (FormatException e)
            {
                throw section.Refuse(name, $"is not accepted: {e.Message}");
            }
        }
        return new WebhookTargets(hosts.Select(host => host.Value));
    }

    private static TablesOptions ReadStorage(SettingsReader section, IConfiguration configuration)
    {
        const string Account = "Storage:AccountName";
        var (connection, account) = (section.Text("Storage:ConnectionString"), section.Text(Account));
        if (connection is not null && account is not null)
            throw section.Refuse(Account, "and QuantaPilot__Storage__ConnectionString exclude each other.");
        if (connection is null && account is null)
        {
            // The storage that the Functions host uses.
            connection = Given(configuration["AzureWebJobsStorage"]);
            account = connection is null ? Given(configuration["AzureWebJobsStorage:accountName"]) : null;
        }
        if (connection is null && account is null)
            throw section.Refuse(Account, "is missing: set it, QuantaPilot__Storage__ConnectionString or AzureWebJobsStorage.");
        var options = new TablesOptions { ConnectionString = connection, AccountName = account };
        if (section.Text("Storage:TablePrefix") is { } prefix) options = options with { TablePrefix = prefix };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException e)
        {
            // It begins with the name of what is at fault.
            throw new InvalidSettingException($"The setting QuantaPilot__Storage__{e.Message}");
        }
    }

    private static bool ReadMetrics(SettingsReader section)
    {
        const string Name = "Metrics";
        if (section.Text(Name) is not { } text) return false;
        return bool.TryParse(text, out var value) ? value : throw section.Refuse(Name, $"must be true or false, not '{text}'.");
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
