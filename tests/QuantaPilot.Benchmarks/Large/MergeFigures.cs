using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Testing;

namespace QuantaPilot.Benchmarks.Large;

/// <summary>
/// Merges of a pull request that changes much of a large repository whose target has moved too, and pushes of as many new files, over
/// file:// and HTTP: how long they take, how soon one ends that is cancelled on the way, and the most memory that all of it took.
/// </summary>
internal sealed class MergeFigures(string temp, int files, int cancels)
{
    private const string HeadBranch = "quantapilot/0123456789abcdef0123456789abcdef/documentation";

    private readonly string _large = Path.Combine(temp, "large.git");
    private readonly string _small = Path.Combine(temp, "small.git");
    private readonly string _work = Path.Combine(temp, "work");

    public static async Task RunAsync(int files, int cancels)
    {
        var source = await LargeRepository.EnsureAsync();
        var temp = Figures.NewDirectory();
        try
        {
            var figures = new MergeFigures(temp, files, cancels);
            await figures.PrepareAsync(source);
            await using var server = await GitHttpServer.StartAsync(temp);
            foreach (var root in new[] { "file://" + temp, server.Url.ToString().TrimEnd('/') })
            {
                await figures.MergesAsync($"{root}/large.git");
                await figures.PushesAsync($"{root}/small.git");
            }
        }
        finally
        {
            Directory.Delete(temp, recursive: true);
        }
    }

    private async Task PrepareAsync(string source)
    {
        GitCommand.Run(temp, "clone", "--quiet", "--bare", source, _large);
        GitCommand.Run(_large, "config", "http.receivepack", "true");
        // The target changes other files of the same folders, so that none can be taken over as a whole.
        await LargeRepository.ChangeAsync(_large, HeadBranch, files, offset: 1);
        await LargeRepository.ChangeAsync(_large, "main", 1_000, offset: 2);

        GitCommand.Run(temp, "init", "--quiet", "--bare", "--initial-branch=main", _small);
        GitCommand.Run(_small, "config", "http.receivepack", "true");
        var commit = "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 5\nBegin\n"
            + "M 100644 inline README.md\ndata 2\nx\n\n";
        GitCommand.Run(_small, Encoding.ASCII.GetBytes(commit), ["fast-import", "--quiet"]);
    }

    private Task MergesAsync(string url)
    {
        var head = Head(_large, HeadBranch);
        return CancelAsync($"{url.Split(':')[0]}: merge of {files:N0} changed files", _large, "main", async (progress, cancellation) =>
        {
            using var forge = Forge(progress, new OnePullRequest(url));
            return await TimeAsync(forge.MergeAsync(url, 1, head, MergeMethod.Merge, cancellation.Token), cancellation);
        });
    }

    private Task PushesAsync(string url) =>
        CancelAsync($"{url.Split(':')[0]}: commit and push of {files:N0} new files", _small, HeadBranch, async (progress, cancellation) =>
        {
            using var forge = Forge(progress, new OnePullRequest(url));
            await using var checkout = await forge.CheckoutAsync(url, "main", null, HeadBranch, default);
            for (var i = 0; i < files; i++)
            {
                var folder = Path.Combine(checkout.Directory, $"d{i / 100}");
                if (i % 100 == 0) Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, $"f{i}.md"), $"# File {i}\n\n" + new string((char)('a' + i % 26), 1_000));
            }
            return await TimeAsync(checkout.CommitAndPushAsync("documentation", "Many", cancellation.Token), cancellation);
        });

    /// <summary>Does it twice as a whole, and then cancels it at points spread evenly over the time that the second took.</summary>
    private async Task CancelAsync(
        string what, string path, string branch, Func<PhaseClock, Cancellation, Task<(TimeSpan Took, string Outcome)>> work)
    {
        var (before, objects) = (FindHead(path, branch), Directory.GetFiles(Path.Combine(path, "objects", "pack")).ToHashSet());
        var whole = TimeSpan.Zero;
        for (var i = -2; i < cancels; i++)
        {
            var cancelAfter = i < 0 ? (TimeSpan?)null : whole * (i + 0.5) / cancels;
            var phases = new PhaseClock();
            using var cancellation = new Cancellation(cancelAfter);
            var (took, outcome) = await work(phases, cancellation);
            if (i < 0)
            {
                whole = took;
                if (i == -1) Figures.Print($"{what}: {took.TotalSeconds:F1} s ({phases}), {PeakMegabytes():F0} MB");
            }
            else
            {
                var stands = FindHead(path, branch) == before ? "the branch stands" : "the branch moved";
                var when = $"  cancelled after {cancelAfter!.Value.TotalSeconds:F2} s ({phases})";
                Figures.Print($"{when}: {outcome} {took.TotalMilliseconds:F0} ms later, {stands}");
            }
            await ResetAsync(path, branch, before, objects);
        }
        Figures.Print($"  at most {PeakMegabytes():F0} MB");
    }

    private static async Task<(TimeSpan Took, string Outcome)> TimeAsync(Task work, Cancellation cancellation)
    {
        var clock = Stopwatch.StartNew();
        if (cancellation.After is { } after)
        {
            if (await Task.WhenAny(work, Task.Delay(after)) == work) return (TimeSpan.Zero, "done before,");
            clock.Restart();
            await cancellation.CancelAsync();
        }
        try
        {
            await work;
            return (clock.Elapsed, "done");
        }
        catch (OperationCanceledException)
        {
            return (clock.Elapsed, "ended");
        }
    }

    /// <summary>Waits for what was left to itself, and takes away what was pushed, so that each time has as much to do.</summary>
    private async Task ResetAsync(string path, string branch, string? before, HashSet<string> objects)
    {
        while (Directory.Exists(_work) && Directory.EnumerateFileSystemEntries(_work).Any()) await Task.Delay(50);
        if (before is not null) GitCommand.Run(path, "update-ref", $"refs/heads/{branch}", before);
        else if (FindHead(path, branch) is not null) GitCommand.Run(path, "update-ref", "-d", $"refs/heads/{branch}");
        foreach (var pack in Directory.GetFiles(Path.Combine(path, "objects", "pack")).Except(objects)) File.Delete(pack);
    }

    private GitForge Forge(IStepProgress progress, IPullRequestStore pullRequests) => new(
        new GitForgeOptions { AllowedRepositories = ["file://*", "http://127.0.0.1:*"], TempRoot = _work },
        pullRequests,
        TimeProvider.System,
        NullLogger<GitForge>.Instance,
        progress: progress);

    private static string? FindHead(string path, string branch) =>
        GitCommand.Run(path, "branch", "--list", branch).Length > 0 ? Head(path, branch) : null;

    private static string Head(string path, string branch) => GitCommand.Run(path, "rev-parse", $"refs/heads/{branch}");

    /// <summary>The most resident memory that this process ever had.</summary>
    private static double PeakMegabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    /// <param name="after">When to cancel; null for never.</param>
    private sealed class Cancellation(TimeSpan? after) : IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        public TimeSpan? After => after;

        public CancellationToken Token => _source.Token;

        public Task CancelAsync() => _source.CancelAsync();

        public void Dispose() => _source.Dispose();
    }

    /// <summary>The pull request that is merged, over and over.</summary>
    private sealed class OnePullRequest(string url) : IPullRequestStore
    {
        private readonly StoredPullRequest _stored =
            new(new PullRequestRequest(url, HeadBranch, "main", "Much", "Changes much."), 1, null, null);

        public Task<StoredPullRequest> OpenAsync(PullRequestRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<StoredPullRequest?> GetAsync(string repoUrl, int number, CancellationToken cancellationToken) =>
            Task.FromResult<StoredPullRequest?>(_stored);

        public Task SetMergeCommitAsync(string repoUrl, int number, string headSha, string mergeSha, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
