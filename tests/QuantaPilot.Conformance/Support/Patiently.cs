using System.Diagnostics;

namespace QuantaPilot.Conformance.Support;

/// <summary>Waits with an end, for what no stream tells.</summary>
internal static class Patiently
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until the answer is as wanted.</summary>
    /// <param name="ask">What is asked; a connection that fails counts as an answer that is not wanted.</param>
    /// <param name="wanted">Whether the answer will do.</param>
    /// <param name="complaint">What to say when <see cref="Settings.Patience"/> is over.</param>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> wanted, string complaint)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string last;
            try
            {
                var answer = await ask();
                if (wanted(answer)) return answer;
                last = $"{answer}";
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }
            if (clock.Elapsed > Settings.Patience) throw new TimeoutException($"{complaint} within {Settings.Patience}. Last: {last}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>The work, or a complaint when <see cref="Settings.Patience"/> is over first.</summary>
    public static async Task<T> WaitAsync<T>(Task<T> work, string complaint)
    {
        try
        {
            return await work.WaitAsync(Settings.Patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{complaint} within {Settings.Patience}.", e);
        }
    }
}
