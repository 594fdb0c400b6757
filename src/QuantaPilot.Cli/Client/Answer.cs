namespace QuantaPilot.Cli.Client;

/// <summary>What the API answered: as a contract type, and word for word.</summary>
internal sealed record Answer<T>(T Value, string Json);
