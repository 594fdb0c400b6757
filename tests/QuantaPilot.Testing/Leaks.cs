using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace QuantaPilot.Testing;

/// <summary>
/// Is shown every log line, all that hosts publish (answers, events, streams, webhooks) and all that <c>qp</c> prints in a suite. None
/// may hold a token, a secret or what a test has planted; log lines hold no e-mail addresses either.
/// </summary>
public static partial class Leaks
{
    private const int MaxShown = 400;
    private static readonly ConcurrentQueue<string> _found = new();
    private static readonly ConcurrentDictionary<string, LeakProbe> _probes = new(StringComparer.Ordinal);
    private static long _lines;
    private static long _published;
    private static long _printed;

    /// <summary>Parts of secrets and personal data that tests hand in and that stand nowhere else.</summary>
    public static IReadOnlyList<string> Planted { get; } =
    [
        "zora.neale", "Pl4ntedGitHub", "Pl4ntedApi", "Pl4ntedPassword", "Pl4ntedSlack", "AKIAPLANTED", "Pl4ntedSql", "UGw0bnRlZEJlYXJlcg",
        "UGw0bnRlZEF6dXJl", "UGw0bnRlZEp3dA", "UGw0bnRlZFByaXZhdGVLZXk",
        // Keys of storage accounts, topics and models, and GitHub's token, which the suites' servers on loopback ask for.
        UnusableStorage.Key[..20], "VXbGWce53249Mt8wuotr", "a-token-of-this-host", Chat.ChatServer.Key, GitHub.FakeGitHub.Token,
        // The author of all commits that GitCommand makes.
        "ada@example.com",
    ];

    private static readonly SearchValues<string> _planted = SearchValues.Create([.. Planted], StringComparison.Ordinal);

    /// <summary>How many log lines have been shown.</summary>
    public static long Lines => Interlocked.Read(ref _lines);

    /// <summary>How many answers, parts of streams and other messages that hosts have sent have been shown.</summary>
    public static long Published => Interlocked.Read(ref _published);

    /// <summary>How many outputs of command lines have been shown.</summary>
    public static long Printed => Interlocked.Read(ref _printed);

    /// <summary>Notes what a log line should not hold, for <see cref="AssertNone"/>: loggers are on no test's own thread.</summary>
    public static void CheckLog(string? line)
    {
        if (!string.IsNullOrEmpty(line)) Note(FindInLog(line), ref _lines);
    }

    /// <summary>Fails if something that is published holds what it should not.</summary>
    /// <param name="where">What it is.</param>
    /// <param name="text">As it is sent.</param>
    /// <param name="givesSecrets">True for the few answers that give a new token or secret to whoever asked for it.</param>
    public static void CheckPublished(string where, string text, bool givesSecrets = false)
    {
        var fault = FindInPublished(where, text, givesSecrets);
        if (IsOfProbe(fault)) return;
        Interlocked.Increment(ref _published);
        if (fault is not null) Assert.Fail(fault);
    }

    /// <summary>As <see cref="CheckPublished"/>, where no test's own thread would be told: for <see cref="AssertNone"/>.</summary>
    public static void NotePublished(string where, string text, bool givesSecrets = false) =>
        Note(FindInPublished(where, text, givesSecrets), ref _published);

    /// <summary>Notes what the output of a command line should not hold.</summary>
    /// <param name="where">The command.</param>
    /// <param name="text">All that it has written; a secret that is broken into lines or coloured is found too.</param>
    /// <param name="givesSecrets">True for the few commands that give a new token or secret.</param>
    public static void NotePrinted(string where, string text, bool givesSecrets = false)
    {
        if (text.Length == 0) return;
        var fault = FindInPublished(where, text, givesSecrets) ?? FindInPublished(where, Layout().Replace(text, ""), givesSecrets);
        Note(fault, ref _printed);
    }

    /// <summary>Whether a request is one of the few whose answers give a token or secret.</summary>
    public static bool GivesSecrets(string method, string path)
    {
        // The examples of openapi.json have one, of those that the specification of webhooks publishes.
        return Is("/openapi.json") || (method == "POST" && (Is("/tokens") || Is("/subscriptions") || Is("/rotate")));

        // As servers route.
        bool Is(string end) => path.TrimEnd('/').EndsWith(end, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a command line of <c>qp</c> is one of the few that give a token or secret.</summary>
    /// <param name="args">Its first words.</param>
    public static bool CommandGivesSecrets(IReadOnlyList<string> args) =>
        args is ["token", "create", ..] or ["subscriptions", "create" or "rotate", ..];

    /// <summary>What a log line should not hold, or null.</summary>
    public static string? FindInLog(string line) => FindInPublished("A log line", line, givesSecrets: false)
        ?? (Address().Match(line) is { Success: true } address ? Tell("A log line", line, address.Value) : null);

    /// <summary>What something published should not hold, or null.</summary>
    public static string? FindInPublished(string where, string text, bool givesSecrets)
    {
        if (text.AsSpan().ContainsAny(_planted))
            return Tell(where, text, Planted.First(planted => text.Contains(planted, StringComparison.Ordinal)));
        return !givesSecrets && Secret().Match(text) is { Success: true } secret ? Tell(where, text, secret.Value) : null;
    }

    /// <summary>Looks for a token of its own from now on: what holds that one is what a test wants found, and no leak.</summary>
    public static LeakProbe Probe()
    {
        var probe = new LeakProbe();
        _probes[probe.Token] = probe;
        return probe;
    }

    /// <summary>Fails if something since the start of the process, or in a process that it watches, held what it should not.</summary>
    public static void AssertNone()
    {
        foreach (var fault in Watching.WatchedProcesses.Faults().Where(fault => !IsOfProbe(fault))) _found.Enqueue(fault);
        Assert.True(_found.IsEmpty, string.Join('\n', _found.Distinct().Take(20)));
    }

    /// <summary>Counts what was looked through, unless it is of a probe, and keeps the fault, if there is one.</summary>
    private static void Note(string? fault, ref long count)
    {
        if (IsOfProbe(fault)) return;
        Interlocked.Increment(ref count);
        if (fault is null) return;
        _found.Enqueue(fault);
        Watching.WatchedProcesses.Report(fault);
    }

    private static bool IsOfProbe([NotNullWhen(true)] string? fault)
    {
        if (fault is null) return false;
        var isOne = false;
        foreach (var (token, probe) in _probes)
        {
            if (!fault.Contains(token, StringComparison.Ordinal)) continue;
            probe.Add(fault);
            isOne = true;
        }
        return isOne;
    }

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

    /// <summary>Ends of lines, and what colours text and moves about in terminals.</summary>
    [GeneratedRegex(@"[\r\n]|\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Layout();
}
