using QuantaPilot.Core.Admission;

namespace QuantaPilot.Core.Ports;

/// <summary>Keeps the one <see cref="AdmissionBook"/> of a host.</summary>
public interface IAdmissionStore
{
    /// <summary>The book as it stands; <see cref="AdmissionBook.Empty"/> before the first change.</summary>
    Task<AdmissionBook> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Changes the book atomically, whoever else does so at the same time. Durable when it returns.</summary>
    /// <param name="change">May be called several times; gives the book that it was given where nothing is to be written.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The book after it.</returns>
    Task<AdmissionBook> UpdateAsync(Func<AdmissionBook, AdmissionBook> change, CancellationToken cancellationToken);
}
