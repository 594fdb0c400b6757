using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace QuantaPilot.Testing;

/// <summary>Serves repositories over HTTP on loopback by git's own <c>git http-backend</c>.</summary>
public sealed class GitHttpServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _root;

    private GitHttpServer(WebApplication app, string root)
    {
        _app = app;
        _root = root;
    }

    public string Url => _app.Urls.Single();

    /// <summary>Asked before each request; true if it has been answered.</summary>
    public Func<HttpContext, Task<bool>> Intercept { get; set; } = _ => Task.FromResult(false);

    /// <summary>The URL of a repository that lies in the root.</summary>
    public string UrlOf(GitRepository repository) => $"{Url}/{Path.GetFileName(repository.Bare)}";

    /// <summary>Method and path with query of each request, in order.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Bytes sent in answers.</summary>
    public long BytesSent { get; private set; }

    /// <param name="root">The directory of the repositories.</param>
    /// <param name="port">Where to listen; 0 for any free port.</param>
    public static async Task<GitHttpServer> StartAsync(string root, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        var server = new GitHttpServer(builder.Build(), root);
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Takes the whole body of a request, so that its client is no longer needed for it to be carried out.</summary>
    public static async Task ReceiveAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        body.Position = 0;
        context.Request.Body = body;
    }

    /// <summary>Has git answer a request: for an <see cref="Intercept"/> that does something before or after.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        var start = GitCommand.StartInfo(_root, "http-backend");
        start.Environment["GIT_PROJECT_ROOT"] = _root;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["PATH_INFO"] = context.Request.Path.Value;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.Value?.TrimStart('?');
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType;
        start.Environment["REMOTE_ADDR"] = "127.0.0.1";
        start.Environment["REMOTE_USER"] = "tester";
        if (context.Request.ContentLength is { } length)
        {
            start.Environment["CONTENT_LENGTH"] = length.ToString(CultureInfo.InvariantCulture);
        }
        if (context.Request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding)
        {
            start.Environment["HTTP_CONTENT_ENCODING"] = encoding;
        }

        using var process = System.Diagnostics.Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        try
        {
            await SendAsync(context.Request.Body, process.StandardInput);
            await AnswerAsync(process.StandardOutput.BaseStream, context.Response);
            await process.WaitForExitAsync();
        }
        finally
        {
            // As web servers do with a program whose client has hung up.
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        lock (Requests) Requests.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (!await Intercept(context)) await ServeAsync(context);
    }

    private static async Task SendAsync(Stream body, StreamWriter input)
    {
        try
        {
            await body.CopyToAsync(input.BaseStream);
        }
        catch (IOException)
        {
            // The client is gone: git sees its input end, and decides what becomes of what it has.
        }
        input.Close();
    }

    private async Task AnswerAsync(Stream output, HttpResponse response)
    {
        while (await ReadLineAsync(output) is { Length: > 0 } header)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (header[..colon], header[(colon + 1)..].Trim());
            if (name == "Status") response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            else response.Headers[name] = value;
        }
        var buffer = new byte[64 * 1024];
        for (int count; (count = await output.ReadAsync(buffer)) > 0;)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, count));
            BytesSent += count;
        }
    }

    private static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1 && one[0] != '\n') line.Append((char)one[0]);
        return line.ToString().TrimEnd('\r');
    }
}
