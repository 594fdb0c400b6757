using System.Globalization;

namespace QuantaPilot.Core.Runs;

/// <summary>Who voted or started a run.</summary>
/// <param name="Name">The name of their token, or that which Entra ID knows them by at present.</param>
/// <param name="Subject">Their id in Entra ID, which never changes; null with an API token.</param>
public readonly record struct Person(string Name, string? Subject)
{
    /// <summary>What the names of people begin with who are known by their login on GitHub.</summary>
    private const string GitHub = "github:";

    /// <summary>Somebody known by their login on GitHub.</summary>
    /// <param name="login">Their present login.</param>
    /// <param name="id">Their number there, which never changes.</param>
    public static Person OnGitHub(string login, long id) =>
        new(GitHub + login, string.Create(CultureInfo.InvariantCulture, $"{GitHub}{id}"));

    /// <summary>
    /// True if name or subject are the same: somebody who has been given another name, or who holds API tokens of their name
    /// besides, is still one person. Two people of one name count as one too: that asks for another approver, where the
    /// opposite would count one person twice. So does somebody on GitHub whose login is the other's name.
    /// </summary>
    public bool IsSameAs(Person other) =>
        Plain(Name).Equals(Plain(other.Name), StringComparison.OrdinalIgnoreCase) || (Subject is not null && Subject == other.Subject);

    private static ReadOnlySpan<char> Plain(string name) =>
        name.StartsWith(GitHub, StringComparison.OrdinalIgnoreCase) ? name.AsSpan(GitHub.Length) : name;
}
