using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>The documents of a project: their names, in the order in which they are read.</summary>
internal static class DocumentSet
{
    public static readonly IReadOnlyList<string> Ids =
    [
        "ANCHOR", "00_overview", "10_architecture", "20_requirements", "30_milestones", "40_acceptance", "60_constraints", "70_runbook", "80_adrs",
        "90_api", "99_glossary",
    ];

    /// <summary>
    /// The most that is parsed of a document somebody else wrote: Markdown can be written so that parsing takes quadratic time.
    /// </summary>
    public const int MostBytesChecked = 128 * 1024;

    /// <summary>Checks front matter and links of every document.</summary>
    /// <param name="documents">Text by path in the repository.</param>
    /// <param name="exists">True for files and folders of the repository other than <paramref name="documents"/>.</param>
    /// <exception cref="StepException">documentation_invalid: the message names file and field or link.</exception>
    public static void Check(IReadOnlyDictionary<string, string> documents, Func<string, bool> exists)
    {
        foreach (var (path, text) in documents.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            var faults = Faults(path, text, p => documents.ContainsKey(p) || exists(p));
            if (faults.Count > 0) throw new StepException(ErrorCodes.DocumentationInvalid, $"{path}: {string.Join("; ", faults)}.");
        }
    }

    /// <summary>What is wrong with one document; empty if nothing is.</summary>
    public static IReadOnlyList<string> Faults(string path, string text, Func<string, bool> exists)
    {
        try
        {
            return
            [
                .. FrontMatter.Check(text, Path.GetFileNameWithoutExtension(path)),
                .. LinkChecker.Broken(text, Path.GetDirectoryName(path)?.Replace('\\', '/') ?? "", exists)
                    .Take(5)
                    .Select(l => $"the link {l} leads nowhere"),
            ];
        }
        catch (FormatException e)
        {
            return [e.Message];
        }
    }

    /// <summary>SHA-256 over paths and contents in the ordinal order of the paths, each with its length before it.</summary>
    public static string Digest(IReadOnlyDictionary<string, string> documents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, text) in documents.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            Append(path);
            Append(text);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Span<byte> length = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(length, bytes.LongLength);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }
}
