namespace QuantaPilot.Core.Ports;

/// <summary>
/// The storage behind the stores can't be used at present, after all retries. What was to be written may have been written: every
/// write of the stores may be repeated. The message names the storage and what ails it, without a secret; it is for logs, not for callers.
/// </summary>
/// <param name="isRefusal">See <see cref="IsRefusal"/>.</param>
/// <param name="message">What ails it.</param>
/// <param name="cause">What the client of the storage threw, if it threw.</param>
public sealed class StorageUnavailableException(bool isRefusal, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>
    /// True if the storage answers but refuses the credentials, which lasts until somebody mends them; false if it can't be reached,
    /// has a fault of its own or asks for fewer requests.
    /// </summary>
    public bool IsRefusal { get; } = isRefusal;
}
