using System.Text;
using LibGit2Sharp;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;
using QuantaPilot.Integrations.Git.WorkTrees;

namespace QuantaPilot.Integrations.Git;

/// <summary>
/// Decides, before a file is written, that no entry of a tree can lead outside the directory it is checked out to:
/// neither by its name nor, as a link, by its target. A commit that an agent made passes here too before it is pushed.
/// </summary>
internal static class TreeGuard
{
    /// <summary>More entries than any real repository has; trees that repeat themselves reach billions with a few objects.</summary>
    private const int MaxEntries = 1_000_000;
    private const int MaxNameBytes = 255;
    private const int MaxPathBytes = 3_000;
    private const int MaxTargetBytes = 3_000;

    /// <returns>All that the tree has but directories.</returns>
    /// <exception cref="StepException">repository_unsafe, naming the first path that is not safe.</exception>
    public static IReadOnlyList<WorkTreeEntry> Check(Tree root, bool ignoreCase, CancellationToken cancellationToken)
    {
        var found = new List<WorkTreeEntry>();
        var count = 0;
        var pending = new Stack<(Tree Tree, string Path, int Depth)>([(root, "", 0)]);
        while (pending.TryPop(out var item))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var names = new HashSet<string>(ignoreCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
            foreach (var entry in item.Tree)
            {
                var name = entry.Name;
                if (++count > MaxEntries) throw Unsafe("", $"it has more than {MaxEntries} files");
                CheckName(item.Path, name);
                var path = item.Path + name;
                if (!names.Add(name)) throw Unsafe(path, "its name is there twice, or differs only by case where this host can't tell");
                var mode = entry.Mode;
                var target = entry.Target;
                if (mode == Mode.Directory)
                {
                    pending.Push(((Tree)target, path + "/", item.Depth + 1));
                    continue;
                }
                if (mode == Mode.SymbolicLink) CheckLink(path, item.Depth, (Blob)target);
                found.Add(new WorkTreeEntry(path, target.Id, mode));
            }
        }
        return found;
    }

    private static void CheckName(string directory, string name)
    {
        var path = directory + name;
        if (name is "" or "." or "..") throw Unsafe(path, "its name is a relative path segment");
        if (name.Contains('/', StringComparison.Ordinal)) throw Unsafe(path, "its name contains a slash");
        if (name.Contains('\0', StringComparison.Ordinal)) throw Unsafe(path, "its name contains a NUL");
        if (name.Contains('\uFFFD', StringComparison.Ordinal)) throw Unsafe(path, "its name is not valid UTF-8");
        if (IsGitDirectory(name)) throw Unsafe(path, "its name stands for git's own directory");
        if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes) throw Unsafe(path, $"its name is longer than {MaxNameBytes} bytes");
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes) throw Unsafe(path, $"its path is longer than {MaxPathBytes} bytes");
        if (OperatingSystem.IsWindows() && name.IndexOfAny(['\\', ':']) >= 0) throw Unsafe(path, "its name can't be held by this host");
    }

    private static void CheckLink(string path, int depth, Blob blob)
    {
        if (blob.Size > MaxTargetBytes) throw Unsafe(path, "it is a link with an overlong target");
        var target = blob.GetContentText(Encoding.UTF8);
        // Only leading ".." segments are accepted. They are counted from a real directory, and each segment after them
        // names either that, or a link for which the same holds: so no chain of links can climb out either.
        var climbs = 0;
        var named = false;
        if (target.Length == 0 || target.StartsWith('/') || target.Contains('\\', StringComparison.Ordinal)
            || target.Contains('\0', StringComparison.Ordinal) || (target.Length > 1 && target[1] == ':'))
        {
            throw Unsafe(path, "it is a link that leads outside the repository");
        }
        foreach (var segment in target.Split('/'))
        {
            if (segment is "" or ".") continue;
            if (segment != "..") named = true;
            else if (named || ++climbs > depth) throw Unsafe(path, "it is a link that leads outside the repository");
            if (IsGitDirectory(segment)) throw Unsafe(path, "it is a link into git's own directory");
        }
    }

    /// <summary>
    /// True for <c>.git</c> and what file systems take for it: other case, trailing dots and spaces, streams, ignored characters.
    /// </summary>
    private static bool IsGitDirectory(string name)
    {
        var stream = name.IndexOf(':', StringComparison.Ordinal);
        var visible = string.Concat((stream < 0 ? name : name[..stream]).Where(c => !IsIgnoredByHfs(c))).TrimEnd(' ', '.');
        return visible.Equals(".git", StringComparison.OrdinalIgnoreCase) || visible.Equals("git~1", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsIgnoredByHfs(char c) =>
        c is (>= '\u200c' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u206a' and <= '\u206f') or '\ufeff';

    private static StepException Unsafe(string path, string why)
    {
        var shown = string.Concat(path.Take(200).Select(c => char.IsControl(c) ? '?' : c));
        return new StepException(ErrorCodes.RepositoryUnsafe,
            shown.Length == 0
                ? $"The repository can't be checked out safely: {why}."
                : $"The repository can't be checked out safely: '{shown}': {why}.");
    }
}
