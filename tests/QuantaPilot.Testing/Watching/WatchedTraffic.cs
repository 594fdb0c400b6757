using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace QuantaPilot.Testing.Watching;

/// <summary>Comes before all middleware of a host, and shows <see cref="Leaks"/> what it answers or what it is sent.</summary>
/// <param name="ofAnswers">True for answers, false for the bodies of requests.</param>
internal sealed class WatchedTraffic(bool ofAnswers) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(ofAnswers ? AnswerAsync : TakeAsync);
        if (ofAnswers && WatchedProcesses.ProbeToken is { } token)
            app.Map(WatchedProcesses.ProbePath, probe => probe.Run(context => LeakAsync(context, token)));
        next(app);
    };

    private static Task LeakAsync(HttpContext context, string token)
    {
        Console.Error.WriteLine($"Asked for {token}.");
        return context.Response.WriteAsync(token);
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        WatchedProcesses.ReportPublishing();
        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "");
        var given = Leaks.GivesSecrets(method, path);
        var former = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using var sent = new WatchedStream(former.Stream, text => Leaks.NotePublished($"The answer to {method} {path}", text, given));
        var body = new StreamResponseBodyFeature(sent, former);
        context.Features.Set<IHttpResponseBodyFeature>(body);
        context.Response.OnStarting(() =>
        {
            Leaks.NotePublished($"The headers of the answer to {method} {path}", string.Join('\n', context.Response.Headers), given);
            return Task.CompletedTask;
        });
        try
        {
            await next(context);
            // What was written and not flushed.
            await body.CompleteAsync();
        }
        finally
        {
            sent.Show();
            context.Features.Set(former);
        }
    }

    private static async Task TakeAsync(HttpContext context, RequestDelegate next)
    {
        var where = $"The body of {context.Request.Method} {context.Request.Path}";
        var former = context.Request.Body;
        await using var taken = new WatchedStream(former, text => Leaks.NotePublished(where, text));
        context.Request.Body = taken;
        try
        {
            await next(context);
        }
        finally
        {
            taken.Show();
            context.Request.Body = former;
        }
    }
}
