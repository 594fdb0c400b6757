using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing.Watching;

/// <summary>Lets the token of a probe leak in all the ways that any suite has, so that each suite proves that it watches them.</summary>
public static partial class Leaky
{
    /// <summary>Through a logger of <see cref="CheckedLogger"/>.</summary>
    public static void Log(LeakProbe probe) => Write(CheckedLogger.For<LeakProbe>(), probe.Token);

    /// <summary>Through a logger that a host gives.</summary>
    public static void Log(LeakProbe probe, ILogger logger) => Write(logger, probe.Token);

    /// <summary>As a message that is sent to a server of a test.</summary>
    public static async Task SendAsync(LeakProbe probe)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var server = builder.Build();
        server.Run(context => context.Request.Body.CopyToAsync(Stream.Null));
        await server.StartAsync();
        using var http = new HttpClient();
        // In two parts, as a large one comes.
        using var content = new StreamContent(new Halves(System.Text.Encoding.UTF8.GetBytes(probe.Token)));
        using var answer = await http.PostAsync(new Uri(server.Urls.Single()), content);
        answer.EnsureSuccessStatusCode();
    }

    [LoggerMessage(1, LogLevel.Information, "Made with {Token}")]
    private static partial void Write(ILogger logger, string token);

    private sealed class Halves(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly int _half = bytes.Length / 2;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, _half)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, _half)], cancellationToken);
    }
}
