using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace QuantaPilot.Testing;

/// <summary>
/// Is shown every log line and all that is published by the hosts of a suite: answers, events, streams, webhooks. None may hold
/// a token, a secret or what a test has planted; log lines hold no e-mail addresses either.
/// </summary>
public static partial class Leaks
{
    private const int MaxShown = 400;
    private static readonly ConcurrentQueue<string> _found = new();
    private static long _lines;

    /// <summary>Parts of secrets and personal data that tests hand in and that stand nowhere else.</summary>
    public static IReadOnlyList<string> Planted { get; } =
    [
        "zora.neale", "Pl4ntedGitHub", "Pl4ntedApi", "Pl4ntedPassword", "Pl4ntedSlack", "AKIAPLANTED", "Pl4ntedSql", "UGw0bnRlZEJlYXJlcg",
        "UGw0bnRlZEF6dXJl", "UGw0bnRlZEp3dA", "UGw0bnRlZFByaXZhdGVLZXk",
    ];

    /// <summary>How many log lines have been shown.</summary>
    public static long Lines => Interlocked.Read(ref _lines);

    /// <summary>Notes what a log line should not hold, for <see cref="AssertNone"/>: loggers are on no test's own thread.</summary>
    public static void CheckLog(string? line)
    {
        if (string.IsNullOrEmpty(line)) return;
        Interlocked.Increment(ref _lines);
        if (FindInLog(line) is { } fault) _found.Enqueue(fault);
    }

    /// <summary>Fails if something that is published holds what it should not.</summary>
    /// <param name="where">What it is.</param>
    /// <param name="text">As it is sent.</param>
    /// <param name="givesSecrets">True for the few answers that give a new token or secret to whoever asked for it.</param>
    public static void CheckPublished(string where, string text, bool givesSecrets = false)
    {
        if (FindInPublished(where, text, givesSecrets) is { } fault) Assert.Fail(fault);
    }

    /// <summary>Whether a request is one of the few whose answers give a token or secret.</summary>
    public static bool GivesSecrets(string method, string path)
    {
        // The examples of openapi.json have one, of those that the specification of webhooks publishes.
        return Is("/openapi.json") || (method == "POST" && (Is("/tokens") || Is("/subscriptions") || Is("/rotate")));

        // As servers route.
        bool Is(string end) => path.TrimEnd('/').EndsWith(end, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What a log line should not hold, or null.</summary>
    public static string? FindInLog(string line) => FindInPublished("A log line", line, givesSecrets: false)
        ?? (Address().Match(line) is { Success: true } address ? Tell("A log line", line, address.Value) : null);

    /// <summary>What something published should not hold, or null.</summary>
    public static string? FindInPublished(string where, string text, bool givesSecrets)
    {
        foreach (var planted in Planted)
        {
            if (text.Contains(planted, StringComparison.Ordinal)) return Tell(where, text, planted);
        }
        return !givesSecrets && Secret().Match(text) is { Success: true } secret ? Tell(where, text, secret.Value) : null;
    }

    /// <summary>Fails if a log line since the start of the process held what it should not.</summary>
    public static void AssertNone() => Assert.True(_found.IsEmpty, string.Join('\n', _found.Distinct().Take(20)));

    private static string Tell(string where, string text, string what)
    {
        var at = Math.Max(0, text.IndexOf(what, StringComparison.Ordinal) - (MaxShown / 2));
        return $"{where} holds '{what}': {text[at..Math.Min(text.Length, at + MaxShown)]}";
    }

    /// <summary>API tokens, secrets of webhooks, JSON Web Tokens.</summary>
    [GeneratedRegex(
        @"\bqp_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])|\bwhsec_[A-Za-z0-9+/]{24,}|"
        + @"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")]
    private static partial Regex Secret();

    [GeneratedRegex(@"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}")]
    private static partial Regex Address();
}
