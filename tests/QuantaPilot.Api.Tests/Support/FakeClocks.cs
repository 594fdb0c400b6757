using Microsoft.Extensions.Time.Testing;

namespace QuantaPilot.Api.Tests.Support;

internal static class FakeClocks
{
    /// <summary>
    /// Awaits what a timer brings about after the clock was moved to its time. A timer that was just being armed counts from
    /// the moved clock and would wait as long again, so the clock goes on while nothing happens.
    /// </summary>
    public static async Task<T> PatientlyAsync<T>(this FakeTimeProvider time, Task<T> awaited)
    {
        for (var i = 0; i < 60; i++)
        {
            if (await Task.WhenAny(awaited, Task.Delay(TimeSpan.FromSeconds(0.5))) == awaited) break;
            time.Advance(TimeSpan.FromMinutes(1));
        }
        return await awaited.WaitAsync(TimeSpan.Zero);
    }
}
