namespace QuantaPilot.Engine.Storage;

/// <summary>The data file cannot be used; the message says why and what to do.</summary>
public sealed class SqliteFileException(string message, Exception? inner = null) : Exception(message, inner);
