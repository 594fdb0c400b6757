using System.Globalization;
using System.Net;
using Octokit;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.GitHub;

/// <param name="What">What is done, after "to".</param>
/// <param name="Permission">The permission that it takes, as GitHub's settings name it.</param>
internal sealed record GitHubAction(string What, string Permission)
{
    public static GitHubAction AsApp { get; } = new("get a token for the App's installation", "an installed GitHub App");

    public static GitHubAction Open { get; } = new("open or update a pull request", "Pull requests: read and write");

    public static GitHubAction Merge { get; } = new("merge a pull request", "Contents: read and write");

    public static GitHubAction Read { get; } = new("read a pull request", "Pull requests: read");

    public static GitHubAction Checks { get; } = new("read the checks of a commit", "Checks: read, Commit statuses: read");

    public static GitHubAction Comment { get; } = new("comment on a pull request", "Pull requests: read and write");

    public static GitHubAction Close { get; } = new("close a pull request", "Pull requests: read and write");

    public static GitHubAction Delete { get; } = new("delete a branch", "Contents: read and write");
}

/// <summary>GitHub's refusals as faults of a step, in words for the caller.</summary>
internal sealed class GitHubFaults(GitHubRepository repository, TimeProvider timeProvider)
{
    private const int MaxWords = 500;

    /// <summary>"If neither header is there, wait for at least one minute" (GitHub on secondary rate limits).</summary>
    private static readonly TimeSpan UnnamedPause = TimeSpan.FromMinutes(1);

    /// <summary>The year 10000, which no date can hold.</summary>
    private const long MaxUnixSeconds = 253_402_300_800;

    private RepositoryUrl Url => repository.Url;

    /// <summary>Does a piece of work with GitHub and turns its faults into those of steps.</summary>
    public async Task<T> GuardAsync<T>(GitHubAction action, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (ApiException e)
        {
            throw Of(e, action);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable("it did not answer in time", e);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable("the connection failed", e);
        }
        catch (Exception e) when (e is IOException or System.Runtime.Serialization.SerializationException or FormatException)
        {
            throw Unreachable("its answer is not complete or not valid", e);
        }
    }

    /// <summary>What GitHub says of a refusal, in one line; empty if it says nothing.</summary>
    public static string Words(ApiException e)
    {
        var details = (e.ApiError?.Errors ?? []).Select(error => error.Message ?? $"{error.Field} {error.Code}".Trim());
        var words = string.Join("; ", new[] { e.ApiError?.Message ?? "" }.Concat(details).Where(text => text.Length > 0));
        var clean = string.Concat(words.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return clean.Length <= MaxWords ? clean : clean[..MaxWords] + "…";
    }

    public StepException Unreachable(string why, Exception? inner = null, TimeSpan? retryAfter = null) =>
        new(ErrorCodes.RepositoryUnreachable, $"{Url} can't be reached: {why}.", transient: true, inner)
        {
            RetryAfter = retryAfter,
            // Who refuses for want of patience is there.
            IsOutage = inner is not ApiException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests },
        };

    private StepException Of(ApiException e, GitHubAction action)
    {
        if (FindPause(e) is { } pause)
        {
            var seconds = Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Unreachable($"GitHub's rate limit is used up; it asks for a pause of {seconds} s", e, pause);
        }
        return e.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new StepException(
                ErrorCodes.AuthenticationFailed,
                $"{Url.Authority} did not accept the credentials that the host's settings have for it: {Words(e)}.",
                inner: e),
            HttpStatusCode.Forbidden => new StepException(ErrorCodes.AuthenticationFailed, Forbidden(e, action), inner: e),
            HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.UnavailableForLegalReasons => new StepException(
                ErrorCodes.RepositoryNotFound,
                $"{Url} or what is asked for in it is not there, or the credentials of the host's settings don't show it "
                + $"(to {action.What} takes: {action.Permission}).",
                inner: e),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout =>
                Unreachable($"it answers HTTP {(int)e.StatusCode}", e, Seconds(e, "retry-after")),
            _ => new StepException(
                ErrorCodes.PullRequestRefused, $"{Url} refused to {action.What} (HTTP {(int)e.StatusCode}): {Words(e)}", inner: e),
        };
    }

    private string Forbidden(ApiException e, GitHubAction action)
    {
        // Fine-grained tokens and Apps are told which permission would do, classic tokens which scope.
        var needed = Header(e, "x-accepted-github-permissions") is { } permissions ? $"the permission {permissions}"
            : Header(e, "x-accepted-oauth-scopes") is { } scopes ? $"one of the scopes {scopes}"
            : $"the permission {action.Permission}";
        var sso = Header(e, "x-github-sso") is null
            ? ""
            : " The organisation also asks that the token be authorised for its single sign-on.";
        return $"{Url} does not let these credentials {action.What}: it takes {needed}. GitHub says: {Words(e)}.{sso}";
    }

    /// <summary>How long GitHub wants to be left alone; null if it does not refuse for want of patience.</summary>
    private TimeSpan? FindPause(ApiException e)
    {
        if (e.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests)) return null;
        if (Seconds(e, "retry-after") is { } asked) return asked;
        if (Header(e, "x-ratelimit-remaining") == "0" && Number(e, "x-ratelimit-reset") is { } reset)
        {
            var left = DateTimeOffset.FromUnixTimeSeconds(reset) - timeProvider.GetUtcNow();
            return left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
        }
        var isSecondary = Words(e).Contains("rate limit", StringComparison.OrdinalIgnoreCase) || e is AbuseException;
        return isSecondary || e.StatusCode == HttpStatusCode.TooManyRequests ? UnnamedPause : null;
    }

    private static TimeSpan? Seconds(ApiException e, string header) =>
        Number(e, header) is { } seconds and <= 86_400 ? TimeSpan.FromSeconds(seconds) : null;

    private static long? Number(ApiException e, string header) =>
        long.TryParse(Header(e, header), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < MaxUnixSeconds
            ? number
            : null;

    private static string? Header(ApiException e, string name)
    {
        var value = e.HttpResponse?.Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        return string.IsNullOrWhiteSpace(value) ? null : value;
    }
}
