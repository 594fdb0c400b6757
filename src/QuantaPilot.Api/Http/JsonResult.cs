using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace QuantaPilot.Api.Http;

/// <summary>A JSON answer of known length.</summary>
internal sealed class JsonResult<T>(
    T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK, string contentType = "application/json")
    : IResult
{
    public async Task ExecuteAsync(HttpContext context)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
