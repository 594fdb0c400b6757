using Microsoft.Extensions.Logging;

namespace QuantaPilot.Integrations.Git;

/// <summary>Work that is done in libgit2, which looks at a cancellation between its steps only.</summary>
internal sealed class GitWork(TimeProvider timeProvider, ILogger logger)
{
    /// <summary>
    /// How long work that was cancelled has to end by itself. In a repository of a hundred thousand files libgit2 may merge, compress or
    /// look for what is new for longer than the two seconds in which a cancelled run ends.
    /// </summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits for work; if it is cancelled, for a second more at most. What is not over then is left to itself: it owns all that it uses
    /// and disposes of it, and ends before it would move a branch, since it has been cancelled.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<T> AwaitAsync<T>(Task<T> work, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(cancelled.SetResult))
        {
            if (await Task.WhenAny(work, cancelled.Task) == work) return await work;
        }
        using var over = new CancellationTokenSource();
        var patience = Task.Delay(_patience, timeProvider, over.Token);
        if (await Task.WhenAny(work, patience) != work)
        {
            Logs.LeftToItself(logger, _patience.TotalSeconds);
            _ = work.ContinueWith(
                left => Logs.LeftWorkEnded(logger, left.Exception),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            throw new OperationCanceledException(cancellationToken);
        }
        await over.CancelAsync();
        return await work;
    }
}
