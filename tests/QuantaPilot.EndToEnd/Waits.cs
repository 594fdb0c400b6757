using System.Text.Json;

namespace QuantaPilot.EndToEnd;

/// <summary>Waits for what no event tells.</summary>
internal static class Waits
{
    /// <summary>The run once it is so; fails if it has ended otherwise.</summary>
    public static async Task<JsonElement> WaitUntilAsync(this QpClient client, string runId, Func<JsonElement, bool> condition)
    {
        while (true)
        {
            var run = await client.GetRunAsync(runId);
            if (condition(run)) return run;
            Assert.False(run.GetProperty("status").GetString() is "failed" or "cancelled" or "stuck" or "completed", run.ToString());
            await Task.Delay(20);
        }
    }

    public static Task<JsonElement> WaitForStatusAsync(this QpClient client, string runId, string status) =>
        client.WaitUntilAsync(runId, run => run.GetProperty("status").GetString() == status);
}
