using System.Collections.Concurrent;
using System.Security.Cryptography;
using QuantaPilot.Testing.Watching;

namespace QuantaPilot.Testing;

/// <summary>A token that a test lets leak on purpose, to prove that it would be found there: <see cref="Leaks.Probe"/>.</summary>
public sealed class LeakProbe
{
    private readonly ConcurrentQueue<string> _found = new();

    internal LeakProbe()
    {
    }

    /// <summary>Looks as an API token does.</summary>
    public string Token { get; } = $"qp_{Convert.ToHexString(RandomNumberGenerator.GetBytes(22))[..43]}";

    /// <summary>Where it was found, in words.</summary>
    public IReadOnlyList<string> Found =>
        [.. _found, .. WatchedProcesses.Faults().Where(fault => fault.Contains(Token, StringComparison.Ordinal))];

    internal void Add(string fault) => _found.Enqueue(fault);
}
