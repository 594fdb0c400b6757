using System.Diagnostics;
using System.Net;

namespace QuantaPilot.Conformance;

/// <summary><c>Prefer: wait=N</c> on a run (RFC 7240).</summary>
public sealed class PreferTests : Scenario
{
    [Fact]
    public async Task Wait_ForARunThatGoesOn_AnswersWhenTheTimeIsOver()
    {
        var run = await StartWaitingAsync();
        var clock = Stopwatch.StartNew();

        var answer = await Admin.GetAsync(run.Path, ("Prefer", "respond-async, wait=2"));

        // Timers and clocks differ by some milliseconds.
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(1.9), $"It took {clock.Elapsed}.");
        Assert.Equal("waiting", answer.Expect(HttpStatusCode.OK).Text("status"));
        Assert.Equal("wait=2", Assert.Single(answer.Headers.GetValues("Preference-Applied")));
    }

    [Fact]
    public async Task Wait_ForARunThatEnds_AnswersWithItsEnd()
    {
        var wait = TimeSpan.FromSeconds(60);
        var run = await StartWaitingAsync();
        var clock = Stopwatch.StartNew();
        var waiting = Admin.GetAsync(run.Path, ("Prefer", $"wait={wait.TotalSeconds}"));

        await run.ApproveAsync();

        var shown = (await waiting).Expect(HttpStatusCode.OK);
        // One or the other: the run has ended, or, on a slow host, the time is over.
        Assert.True(Run.HasEnded(shown) != clock.Elapsed >= wait, $"After {clock.Elapsed}: {shown}");
        await run.UntilEndAsync("completed");
    }

    [Fact]
    public async Task Preference_ThatIsNone_IsIgnored()
    {
        var run = await StartWaitingAsync();
        foreach (var preference in new[] { "wait=soon", "wait=-1", "return=minimal" })
        {
            var answer = await Admin.GetAsync(run.Path, ("Prefer", preference));

            Assert.Equal("waiting", answer.Expect(HttpStatusCode.OK).Text("status"));
            Assert.False(answer.Headers.Contains("Preference-Applied"));
        }
    }
}
