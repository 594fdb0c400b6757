using Microsoft.Extensions.Configuration;
using QuantaPilot.Api.Limits;
using QuantaPilot.Integrations.Tables;

namespace QuantaPilot.Functions;

/// <summary>The section <c>QuantaPilot</c> of the app's settings (<c>QuantaPilot__Name</c> in environment variables).</summary>
internal sealed class AppSettings
{
    /// <summary>Globs over the repositories that runs may use. Default: every https repository.</summary>
    public IReadOnlyList<string> AllowedRepositories { get; init; } = [];

    /// <summary>Runs, events and tokens.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>Credentials for git over HTTPS.</summary>
    public GitSettings Git { get; init; } = new();

    /// <summary>An admin token that is accepted from the first start; null for none.</summary>
    public string? BootstrapToken { get; init; }

    /// <summary>How long runs are kept after their end.</summary>
    public RetentionSettings Retention { get; init; } = new();

    /// <summary>How many requests are taken. Azure's front end appends to <c>X-Forwarded-For</c>, so one proxy is trusted by default.</summary>
    public RateLimitOptions RateLimits { get; init; } = new() { TrustedProxies = 1 };

    /// <exception cref="InvalidOperationException">A setting is missing or ill-formed; the message names it and what is accepted.</exception>
    public static AppSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("QuantaPilot");
        var settings = section.Get<AppSettings>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new AppSettings();
        var storage = settings.Storage;
        if (storage.ConnectionString is not null && storage.AccountName is not null)
            throw new InvalidOperationException("QuantaPilot__Storage takes ConnectionString or AccountName, not both.");
        if (storage.ConnectionString is null && storage.AccountName is null)
        {
            // What the Functions host itself uses, in either of its forms.
            storage.ConnectionString = configuration["AzureWebJobsStorage"];
            storage.AccountName = storage.ConnectionString is null ? configuration["AzureWebJobsStorage:accountName"] : null;
        }
        if (settings.Retention.Days < 0)
            throw new InvalidOperationException("QuantaPilot__Retention__Days must be 0 (keep everything) or a number of days.");
        if (settings.Git is { Password: not null } git && (git.UrlPrefix is null || git.Username is null))
            throw new InvalidOperationException("QuantaPilot__Git__Password needs QuantaPilot__Git__UrlPrefix (https://github.com) and __Username beside it.");
        return storage.ConnectionString is null && storage.AccountName is null
            ? throw new InvalidOperationException(
                "No storage is set: QuantaPilot__Storage__AccountName or __ConnectionString, or AzureWebJobsStorage in one of its forms.")
            : settings;
    }
}

internal sealed class RetentionSettings
{
    /// <summary>In days; 0 keeps everything. Default 90.</summary>
    public int Days { get; init; } = 90;
}

/// <summary>Where the product's memory is; without either, the storage of the Functions host.</summary>
internal sealed class StorageSettings
{
    public string? ConnectionString { get; set; }

    /// <summary>Reached with the app's identity.</summary>
    public string? AccountName { get; set; }

    /// <summary>Begins the names of all tables, so that several apps can share an account.</summary>
    public string TablePrefix { get; set; } = "QuantaPilot";

    public TablesOptions ToOptions() => new() { ConnectionString = ConnectionString, AccountName = AccountName, TablePrefix = TablePrefix };
}

internal sealed class GitSettings
{
    /// <summary>The URLs that the credentials are sent to: scheme and host, and as much of the path as is wanted.</summary>
    public string? UrlPrefix { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }
}
