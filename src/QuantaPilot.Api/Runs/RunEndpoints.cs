using QuantaPilot.Api.Access;
using QuantaPilot.Api.Http;
using QuantaPilot.Api.Limits;

namespace QuantaPilot.Api.Runs;

internal sealed class RunEndpoints(RunHandlers runs, ControlHandlers controls, RetryHandlers retries) : IApiEndpointSource
{
    public IEnumerable<ApiEndpoint> Endpoints =>
    [
        new("StartRun", "POST", "/run", AccessRule.Operate, runs.StartAsync) { Kind = RequestKind.Trigger },
        new("ListRuns", "GET", "/runs", AccessRule.Read, runs.ListAsync),
        new("GetRun", "GET", "/runs/{run_id}", AccessRule.Read, runs.GetAsync),
        new("PauseRun", "POST", "/runs/{run_id}/pause", AccessRule.Operate, controls.PauseAsync),
        new("ResumeRun", "POST", "/runs/{run_id}/resume", AccessRule.Operate, controls.ResumeAsync),
        new("CancelRun", "POST", "/runs/{run_id}/cancel", AccessRule.Operate, controls.CancelAsync),
        new("RetryRun", "POST", "/runs/{run_id}/retry", AccessRule.Operate, retries.RetryAsync) { Kind = RequestKind.Trigger },
    ];
}
