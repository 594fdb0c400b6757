namespace QuantaPilot.Core.Runs;

/// <summary>Who voted or started a run.</summary>
/// <param name="Name">The name of their token, or that which Entra ID knows them by at present.</param>
/// <param name="Subject">Their id in Entra ID, which never changes; null with an API token.</param>
public readonly record struct Person(string Name, string? Subject)
{
    /// <summary>
    /// True if name or subject are the same: somebody who has been given another name, or who holds API tokens of their name
    /// besides, is still one person. Two people of one name count as one too: that asks for another approver, where the
    /// opposite would count one person twice.
    /// </summary>
    public bool IsSameAs(Person other) =>
        string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase) || (Subject is not null && Subject == other.Subject);
}
