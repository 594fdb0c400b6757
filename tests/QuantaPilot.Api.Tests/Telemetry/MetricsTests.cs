using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using QuantaPilot.Api.Tests.Support;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Telemetry;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Api.Tests.Telemetry;

/// <summary>What the whole standalone host answers to Prometheus. Figures are of the process, so nothing runs beside these.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class MetricsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Get_AfterARun_TellsWhatHappenedAndNothingElse()
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        var before = await PrometheusText.ParseAsync(await client.GetStringAsync("/metrics"));
        var run = await server.CompleteRunAsync(client);
        (await client.GetAsync($"/runs/{new string('0', 32)}")).Dispose();

        var text = await client.GetStringAsync("/metrics");

        var after = await PrometheusText.ParseAsync(text);
        foreach (var status in new[] { "running", "waiting", "completed", "failed" })
        {
            // It runs at its start and again after the decision.
            var expected = status switch { "running" => 2, "failed" => 0, _ => 1 };
            Assert.Equal(expected, Grown("quantapilot_runs_total", ("quantapilot_run_status", status)));
        }
        Assert.Equal(1, Grown("quantapilot_gate_wait_seconds_count", ("quantapilot_gate", "anchor"), ("quantapilot_outcome", "approved")));
        const string Steps = "quantapilot_step_duration_seconds";
        const string Requests = "http_server_request_duration_seconds_count";
        Assert.Equal(1, Grown($"{Steps}_count", ("quantapilot_step", "prepare_run"), ("quantapilot_outcome", "completed")));
        Assert.Equal(1, Grown(Requests, ("http_route", "/run"), ("http_response_status_code", "202")));
        Assert.Equal(1, Grown(Requests, ("http_route", "/runs/{run_id}"), ("http_response_status_code", "404")));
        Assert.Equal("COUNTER", after.TypeOf("quantapilot_runs_total"));
        Assert.Equal("HISTOGRAM", after.TypeOf(Steps));
        Assert.Contains(after.Names, name => name.StartsWith("dotnet_gc_", StringComparison.Ordinal));
        foreach (var hidden in new[] { "example.com", "org/project", $"{run}", server.AdminToken })
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);

        double Grown(string name, params (string, string)[] labels) => after.Sum(name, labels) - before.Sum(name, labels);
    }

    [Theory]
    [InlineData("application/openmetrics-text; version=1.0.0")]
    [InlineData("*/*")]
    public async Task Get_WhateverIsPreferred_IsPrometheusText(string accept)
    {
        await using var server = await StartAsync();
        using var client = server.Client();
        client.DefaultRequestHeaders.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));

        using var answer = await client.GetAsync("/metrics");

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(answer.Content.Headers.ContentType!.Parameters, parameter => parameter is { Name: "version", Value: "0.0.4" });
        Assert.NotEmpty((await PrometheusText.ParseAsync(await answer.Content.ReadAsStringAsync())).Names);
    }

    [Fact]
    public async Task Get_WithMetricsOff_IsNotFoundAndNothingIsCounted()
    {
        await using var server = await StartAsync(metrics: false);
        using var client = server.Client();

        using var answer = await client.GetAsync("/metrics");

        await answer.ProblemAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.False(Instruments.Runs.Enabled || Instruments.StepDuration.Enabled || Instruments.Deliveries.Enabled);
    }

    private Task<QuantaPilotServer> StartAsync(bool metrics = true) => QuantaPilotServer.StartAsync(
        new ServerOptions
        {
            DataDirectory = _directory.Path,
            Url = "http://127.0.0.1:0",
            Metrics = metrics,
            ConfigureServices = services =>
                services.AddSingleton<IForge>(new InstantForge()).RemoveAll<IAgent>().AddSingleton<IAgent>(new InstantForge()),
        },
        default);
}
