using System.Text.Json.Serialization;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Core.Admission;

/// <summary>What the limits are counted by.</summary>
/// <param name="Project">The canonical name of the repository.</param>
/// <param name="Branch">The target branch.</param>
public sealed record AdmissionKey(string Project, string Branch);

[JsonConverter(typeof(SnakeCaseEnumConverter<AdmissionState>))]
public enum AdmissionState
{
    /// <summary>Queued: it goes on once it is admitted.</summary>
    Waiting,

    /// <summary>It has a slot.</summary>
    Working,

    /// <summary>It has begun and needs no slot now: it waits at a gate or is paused.</summary>
    Parked,
}

/// <summary>One run in the book.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Key">What it counts for.</param>
/// <param name="Order">Its place among all that ever came; it keeps it until it ends.</param>
/// <param name="Ticket">Which of the run's requests for a slot this is about, from 1. Tells a late repeat of an earlier one.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Begun">True once it was admitted: it goes before those that have not begun.</param>
/// <param name="Told">False while it may not know that it was admitted.</param>
public sealed record AdmissionEntry(
    RunId RunId, AdmissionKey Key, long Order, int Ticket, AdmissionState State, bool Begun, bool Told);

/// <summary>A place in the queue.</summary>
/// <param name="Position">From 1.</param>
/// <param name="Limit">What it waits for: <c>host</c>, <c>project</c> or <c>branch</c>; null if it is about to be admitted.</param>
public sealed record QueuePlace(int Position, string? Limit);

/// <summary>
/// Which runs work and which wait. The rules are pure: stores apply them to the book as it stands, one after the other. Every change may
/// be repeated.
/// </summary>
/// <param name="Entries">Runs that wait, work or are between the two, in no particular order.</param>
/// <param name="LastOrder">The place that was given last.</param>
public sealed record AdmissionBook(IReadOnlyList<AdmissionEntry> Entries, long LastOrder)
{
    public static AdmissionBook Empty { get; } = new([], 0);

    /// <summary>Those that were admitted and may not know it.</summary>
    [JsonIgnore]
    public IEnumerable<AdmissionEntry> Untold => Entries.Where(entry => entry is { State: AdmissionState.Working, Told: false });

    /// <summary>Those that wait, in the order in which they are admitted.</summary>
    [JsonIgnore]
    public IEnumerable<AdmissionEntry> Queue => Entries.Where(entry => entry.State == AdmissionState.Waiting)
        .OrderByDescending(entry => entry.Begun).ThenBy(entry => entry.Order);

    public AdmissionEntry? Find(RunId runId) => Entries.FirstOrDefault(entry => entry.RunId == runId);

    /// <summary>A run asks for a slot. It is admitted at once if there is one and nobody else has been waiting for it.</summary>
    public AdmissionBook Take(RunId runId, AdmissionKey key, int ticket, ConcurrencyLimits limits)
    {
        if (Find(runId) is not { } entry)
        {
            entry = new AdmissionEntry(runId, key, LastOrder + 1, ticket, AdmissionState.Waiting, false, true);
            return new AdmissionBook([.. Entries, entry], entry.Order).Admit(limits, asking: runId);
        }
        // One that comes late, or again.
        if (ticket <= entry.Ticket) return this;
        return With(entry with { Ticket = ticket, State = AdmissionState.Waiting, Told = true }).Admit(limits, asking: runId);
    }

    /// <summary>A run needs its slot, or its place in the queue, no longer for now.</summary>
    public AdmissionBook GiveBack(RunId runId, int ticket, ConcurrencyLimits limits) =>
        Find(runId) is { } entry && entry.Ticket == ticket && entry.State != AdmissionState.Parked
            ? With(entry with { State = AdmissionState.Parked, Told = true }).Admit(limits)
            : this;

    /// <summary>A run has ended.</summary>
    public AdmissionBook Leave(RunId runId, ConcurrencyLimits limits) => Find(runId) is { } entry
        ? (this with { Entries = [.. Entries.Where(other => other != entry)] }).Admit(limits)
        : this;

    /// <summary>A run knows that it was admitted.</summary>
    public AdmissionBook Tell(RunId runId, int ticket) =>
        Find(runId) is { Told: false } entry && entry.Ticket == ticket ? With(entry with { Told = true }) : this;

    /// <summary>Admits all for whom there is a slot, those that have begun first, then in order of arrival.</summary>
    /// <param name="limits">The limits that hold now.</param>
    /// <param name="asking">The run whose request this is: it learns of its admission by the answer.</param>
    public AdmissionBook Admit(ConcurrencyLimits limits, RunId? asking = null)
    {
        var count = new AdmissionCount(this);
        var admitted = new Dictionary<RunId, AdmissionEntry>();
        foreach (var entry in Queue)
        {
            if (count.FindLimit(entry, limits) is not null) continue;
            count.Add(entry);
            admitted[entry.RunId] = entry with { State = AdmissionState.Working, Begun = true, Told = entry.RunId == asking };
        }
        return admitted.Count == 0
            ? this
            : this with { Entries = [.. Entries.Select(entry => admitted.GetValueOrDefault(entry.RunId, entry))] };
    }

    /// <summary>The place of a run in the queue; null if it does not wait.</summary>
    public QueuePlace? FindPlace(RunId runId, ConcurrencyLimits limits)
    {
        var position = 0;
        foreach (var entry in Queue)
        {
            position++;
            if (entry.RunId == runId) return new QueuePlace(position, new AdmissionCount(this).FindLimit(entry, limits));
        }
        return null;
    }

    private AdmissionBook With(AdmissionEntry entry) =>
        this with { Entries = [.. Entries.Select(other => other.RunId == entry.RunId ? entry : other)] };
}
