using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using QuantaPilot.Core.Pipeline;
using QuantaPilot.Core.Ports;
using QuantaPilot.Integrations.Git;
using QuantaPilot.Integrations.Outline;
using QuantaPilot.Testing;

namespace QuantaPilot.Benchmarks.Large;

/// <summary>
/// Checkouts of a large repository beside <c>git clone --depth 1</c>, in turns, over file:// and HTTP; how soon a cancelled one ends;
/// and what a whole run on it takes of memory.
/// </summary>
internal static class CloneFigures
{
    private const string WorkBranch = "quantapilot/0123456789abcdef0123456789abcdef/documentation";

    public static async Task RunAsync(int rounds, bool cancels, bool run)
    {
        var path = await LargeRepository.EnsureAsync();
        await using var server = await GitHttpServer.StartAsync(LargeRepository.Root);
        string[] urls = ["file://" + path, $"{server.Url}/large.git"];
        var temp = Figures.NewDirectory();
        try
        {
            foreach (var url in urls) await CompareAsync(url, temp, rounds);
            if (cancels) await CancelAsync(urls[1], temp);
            if (run) await LargeRun.MeasureAsync(urls);
        }
        finally
        {
            await DeletedAsync(temp);
            Directory.Delete(temp, recursive: true);
        }
    }

    private static async Task CompareAsync(string url, string temp, int rounds)
    {
        for (var round = 1; round <= rounds; round++)
        {
            var phases = new PhaseClock();
            // Who goes first may find colder caches.
            var (ours, git) = (TimeSpan.Zero, TimeSpan.Zero);
            if (round % 2 == 1) (ours, phases) = await CheckoutAsync(url, temp);
            git = await CloneAsync(url, temp);
            if (round % 2 == 0) (ours, phases) = await CheckoutAsync(url, temp);
            var (what, ratio) = ($"{url.Split(':')[0]}, round {round}", ours / git);
            Figures.Print($"{what}: {ours.TotalSeconds:F1} s, git clone --depth 1 {git.TotalSeconds:F1} s: {ratio:F2} x ({phases})");
        }
    }

    /// <summary>How long a checkout of ours takes, without its end; that is over when this returns.</summary>
    private static async Task<(TimeSpan Taken, PhaseClock Phases)> CheckoutAsync(string url, string temp)
    {
        var phases = new PhaseClock();
        using var forge = Forge(temp, phases);
        var clock = Stopwatch.StartNew();
        var made = await forge.CheckoutAsync(url, "main", null, null, default);
        var taken = clock.Elapsed;
        await made.DisposeAsync();
        await DeletedAsync(temp);
        return (taken, phases);
    }

    private static async Task<TimeSpan> CloneAsync(string url, string temp)
    {
        var clone = Path.Combine(temp, "clone");
        var clock = Stopwatch.StartNew();
        GitCommand.Run(temp, "clone", "--quiet", "--depth", "1", url, clone);
        var taken = clock.Elapsed;
        await Task.Run(() => Directory.Delete(clone, recursive: true));
        return taken;
    }

    /// <summary>Checkouts are deleted beside what follows, which would be timed with it.</summary>
    private static async Task DeletedAsync(string temp)
    {
        var work = Path.Combine(temp, "work");
        while (Directory.Exists(work) && Directory.EnumerateFileSystemEntries(work).Any()) await Task.Delay(50);
    }

    private static async Task CancelAsync(string url, string temp)
    {
        foreach (var kind in new[] { ProgressKind.ReceivingObjects, ProgressKind.CheckingOutFiles })
        {
            await CancelAsync($"{kind}", temp, kind, async (forge, _, token) =>
            {
                await using var made = await forge.CheckoutAsync(url, "main", null, null, token);
            });
        }
        var phases = new PhaseClock();
        using var whole = Forge(temp, phases);
        await using var checkout = await whole.CheckoutAsync(url, "main", null, WorkBranch, default);
        var task = new AgentTask(default, url, "main", "documentation", "", "docs", AgentDefinition.Outline);
        await CancelAsync(
            "ReadingFiles", temp, ProgressKind.ReadingFiles, (_, clock, token) => new OutlineAgent(clock).RunAsync(task, checkout, token));
        foreach (var after in (int[])[50, 200, 500, 1_000])
        {
            File.WriteAllText(Path.Combine(checkout.Directory, "new.txt"), $"{after}");
            using var source = new CancellationTokenSource();
            var clock = new Stopwatch();
            var pushing = checkout.CommitAndPushAsync($"step-{after}", "Something new", source.Token);
            await Task.Delay(after);
            clock.Start();
            await source.CancelAsync();
            var outcome = await EndAsync(pushing);
            Figures.Print($"commit and push, cancelled after {after} ms: {outcome} {clock.Elapsed.TotalMilliseconds:F0} ms later");
        }
    }

    private static async Task CancelAsync(
        string what, string temp, ProgressKind kind, Func<GitForge, PhaseClock, CancellationToken, Task> work)
    {
        using var source = new CancellationTokenSource();
        var clock = new Stopwatch();
        var phases = new PhaseClock
        {
            Halfway = (kind, () =>
            {
                clock.Start();
                _ = source.CancelAsync();
            }
            ),
        };
        using var forge = Forge(temp, phases);
        var outcome = await EndAsync(work(forge, phases, source.Token));
        Figures.Print($"{what}, cancelled halfway: {outcome} {clock.Elapsed.TotalMilliseconds:F0} ms later");
    }

    private static async Task<string> EndAsync(Task work)
    {
        try
        {
            await work;
            return "done";
        }
        catch (OperationCanceledException)
        {
            return "ended";
        }
    }

    private static GitForge Forge(string temp, IStepProgress progress) => new(
        new GitForgeOptions { AllowedRepositories = ["file://*", "http://127.0.0.1:*"], TempRoot = Path.Combine(temp, "work") },
        new NoPullRequests(),
        TimeProvider.System,
        NullLogger<GitForge>.Instance,
        progress: progress);

    /// <summary>Checkouts ask for none.</summary>
    private sealed class NoPullRequests : IPullRequestStore
    {
        public Task<StoredPullRequest> OpenAsync(PullRequestRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<StoredPullRequest?> GetAsync(string repoUrl, int number, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task SetMergeCommitAsync(string repoUrl, int number, string headSha, string mergeSha, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
