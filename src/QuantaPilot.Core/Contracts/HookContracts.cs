using System.Text.Json.Serialization;

namespace QuantaPilot.Core.Contracts;

/// <summary>The answer to a webhook of a forge.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Runs">How many runs it was for.</param>
public sealed record HookAnswer(HookResult Result, int Runs);

[JsonConverter(typeof(SnakeCaseEnumConverter<HookResult>))]
public enum HookResult
{
    /// <summary>The forge has asked whether anybody is there.</summary>
    Pong,

    /// <summary>Runs were told, or a vote was taken.</summary>
    Accepted,

    /// <summary>It is about nothing that a run waits for.</summary>
    Ignored,
}
