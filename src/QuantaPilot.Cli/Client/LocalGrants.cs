using System.Text.Json;
using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Runs;
using QuantaPilot.Host.Server;

namespace QuantaPilot.Cli.Client;

/// <summary>What somebody allowed by starting a run at the command line.</summary>
/// <param name="Repository">The canonical URL.</param>
/// <param name="Commands">True if programs of the repository may be run.</param>
internal sealed record LocalGrant(string Repository, bool Commands);

/// <summary>
/// The grants of the runs that were started in-process over a data directory and have not ended. Whoever opens the
/// directory next carries these runs on, and needs the same permissions for it.
/// </summary>
internal static class LocalGrants
{
    private const string FileName = "grants.json";

    /// <exception cref="CliException">The file is damaged.</exception>
    public static IReadOnlyList<LocalGrant> Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path)) return [];
        try
        {
            return JsonSerializer.Deserialize<List<LocalGrant>>(File.ReadAllText(path)) ?? [];
        }
        catch (JsonException e)
        {
            throw new CliException($"{path} is damaged: {e.Message} Remove it and give --allow again.", inner: e);
        }
    }

    /// <summary>What a server is to allow: the globs that were given, or the default, and what unfinished runs need.</summary>
    public static IReadOnlyList<string> Allow(IReadOnlyList<string> globs, IReadOnlyList<LocalGrant> grants) =>
        [.. globs.Count > 0 ? globs : ServerOptions.DefaultRepositories, .. grants.Select(grant => grant.Repository)];

    public static void Add(string directory, LocalGrant grant)
    {
        var present = Read(directory);
        var commands = grant.Commands || present.Any(g => g.Repository == grant.Repository && g.Commands);
        Write(directory, [.. present.Where(g => g.Repository != grant.Repository), grant with { Commands = commands }]);
    }

    /// <summary>Withdraws the grants of repositories that no unfinished run needs.</summary>
    public static async Task PruneAsync(string directory, QpClient client, CancellationToken cancellationToken)
    {
        var present = Read(directory);
        var needed = new List<LocalGrant>();
        foreach (var grant in present)
        {
            if (await IsNeededAsync(grant, client, cancellationToken)) needed.Add(grant);
        }
        if (needed.Count < present.Count) Write(directory, needed);
    }

    private static async Task<bool> IsNeededAsync(LocalGrant grant, QpClient client, CancellationToken cancellationToken)
    {
        if (!RepositoryUrl.TryParse(grant.Repository, out var url, out _)) return false;
        string? cursor = null;
        do
        {
            var page = (await client.ListRunsAsync(null, url.Project, 200, cursor, cancellationToken)).Value;
            if (page.Items.Any(run => !run.Status.HasEnded())) return true;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return false;
    }

    private static void Write(string directory, IReadOnlyList<LocalGrant> grants)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(directory, FileName);
        // Replaced in one step: a crash leaves the old file or the new one.
        var fresh = path + ".new";
        File.WriteAllText(fresh, JsonSerializer.Serialize(grants));
        File.Move(fresh, path, overwrite: true);
    }
}
