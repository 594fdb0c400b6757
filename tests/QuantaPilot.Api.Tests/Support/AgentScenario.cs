using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Runs;
using QuantaPilot.Core.Subscriptions;
using QuantaPilot.Integrations.Http;

namespace QuantaPilot.Api.Tests.Support;

/// <summary>An agent elsewhere, its tasks, and callbacks as it would sign them.</summary>
internal static class AgentScenario
{
    public const string Endpoint = "build-farm";
    public static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static HttpAgentEndpoints Endpoints() => new(
        [
            new HttpAgentEndpoint
            {
                Name = Endpoint,
                Url = "https://farm.example.com/tasks",
                Secret = $"whsec_{Convert.ToBase64String(Key)}",
            },
        ],
        new WebhookTargets([]));

    public static RemoteTask Task(RunId runId, string step = "M-001/1", int round = 1) =>
        new() { RunId = runId, Step = step, Round = round, Endpoint = Endpoint, Agent = "coder" };

    /// <summary>A signed callback. The signature is computed here, by the words of the specification.</summary>
    public static HttpRequestMessage Callback(string path, string body, DateTimeOffset at, byte[]? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = ApiHost.Json(body) };
        foreach (var (name, value) in Sign(Encoding.UTF8.GetBytes(body), at, key)) request.Headers.Add(name, value);
        return request;
    }

    /// <summary>The headers that sign a body.</summary>
    public static IReadOnlyList<(string Name, string Value)> Sign(byte[] body, DateTimeOffset at, byte[]? key = null)
    {
        var (id, timestamp) = ("msg_1", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var signature = HMACSHA256.HashData(key ?? Key, signed);
        return
        [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", $"v1a,other v1,{Convert.ToBase64String(signature)}"),
        ];
    }
}
