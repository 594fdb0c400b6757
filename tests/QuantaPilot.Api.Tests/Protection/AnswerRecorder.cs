using System.Collections.Concurrent;

namespace QuantaPilot.Api.Tests.Protection;

/// <summary>Keeps all that is answered, except the events of streams.</summary>
internal sealed class AnswerRecorder() : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentQueue<string> _answers = new();

    public IReadOnlyList<string> Answers => [.. _answers];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var body = isStream ? "" : await response.Content.ReadAsStringAsync(cancellationToken);
        _answers.Enqueue($"{response.StatusCode}\n{response.Headers}{response.Content.Headers}\n{body}");
        return response;
    }
}
