using System.Text.RegularExpressions;

namespace QuantaPilot.Integrations.Tables;

/// <summary>Where the product's memory on Azure Storage is, and how patient it is.</summary>
public sealed partial record TablesOptions
{
    /// <summary>Of a storage account or an emulator. Either this or <see cref="AccountName"/>.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>A storage account of the public cloud, reached with <c>DefaultAzureCredential</c>.</summary>
    public string? AccountName { get; init; }

    /// <summary>
    /// Begins the name of each table and, in lower case, of the blob container, so that several apps can share an account.
    /// </summary>
    public string TablePrefix { get; init; } = "QuantaPilot";

    /// <summary>
    /// Events younger than this are held back from readers of the log over all runs. It bounds how long a write may take and how
    /// far the clocks of the instances may be apart without a reader missing an event. Default 2 s.
    /// </summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often changes by other instances are looked for while somebody waits for one. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a run whose work is in hand is looked at for a cancellation by another instance. Default 2 s.</summary>
    public TimeSpan CancellationPollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <exception cref="ArgumentException">A value is missing or out of range; the message names it and what is accepted.</exception>
    public void Validate()
    {
        if (string.IsNullOrEmpty(ConnectionString) == string.IsNullOrEmpty(AccountName))
            throw new ArgumentException($"Set either {nameof(ConnectionString)} or {nameof(AccountName)} of the storage account.");
        ValidatePrefix(TablePrefix);
        if (SettleTime < TimeSpan.Zero) throw new ArgumentException($"{nameof(SettleTime)} must be 0 or more.");
        if (PollInterval <= TimeSpan.Zero) throw new ArgumentException($"{nameof(PollInterval)} must be more than 0.");
        if (CancellationPollInterval <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(CancellationPollInterval)} must be more than 0.");
        }
    }

    internal static void ValidatePrefix(string prefix)
    {
        if (!Prefix().IsMatch(prefix))
            throw new ArgumentException(
                $"{nameof(TablePrefix)} must be 1 to 40 letters and digits and begin with a letter, not '{prefix}'.");
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{0,39}$")]
    private static partial Regex Prefix();
}
