using System.Security.Cryptography;

namespace QuantaPilot.Testing;

/// <summary>Everything below a directory, so that a test can show that nothing of it has changed.</summary>
public static class DirectoryContents
{
    /// <summary>One line for each file and directory: path, mode, and for files length, time of the last change and digest.</summary>
    public static IReadOnlyList<string> Read(string directory) =>
    [
        .. Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Describe),
    ];

    private static string Describe(string path)
    {
        var mode = OperatingSystem.IsWindows() ? "" : $" {File.GetUnixFileMode(path)}";
        if (Directory.Exists(path)) return path + mode;
        var digest = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
        return $"{path}{mode} {new FileInfo(path).Length} {File.GetLastWriteTimeUtc(path):O} {digest}";
    }
}
