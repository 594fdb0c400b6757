using Microsoft.Extensions.DependencyInjection;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;
using QuantaPilot.Host.Server;
using QuantaPilot.Host.Sqlite;

namespace QuantaPilot.Host.Checkup;

/// <summary>
/// Looks at a data directory before this build takes it over, without changing anything in it, also while a server runs over
/// it. See <see cref="SqliteView"/> for how.
/// </summary>
public sealed class DataCheckup : IDisposable
{
    private readonly SqliteView _view;

    private DataCheckup(string directory, SqliteView view)
    {
        Directory = directory;
        _view = view;
    }

    /// <summary>The absolute path.</summary>
    public string Directory { get; }

    /// <summary>True if a server runs over the directory.</summary>
    public bool IsInUse => _view.IsInUse;

    /// <summary>True if a copy is looked at, since the file is from an older version or its server was killed.</summary>
    public bool IsCopy => _view.IsCopy;

    /// <param name="directory">As in <see cref="ServerOptions.DataDirectory"/>.</param>
    /// <exception cref="DirectoryNotFoundException">No server has ever run over such a directory.</exception>
    /// <exception cref="SqliteFileException">This build can't open the file: it is from a newer version, or damaged.</exception>
    public static DataCheckup Open(string directory)
    {
        var path = Path.GetFullPath(directory);
        var database = DataDirectory.DatabaseIn(path);
        if (!File.Exists(database)) throw new DirectoryNotFoundException($"There is no {Path.GetFileName(database)} in {path}.");
        return new DataCheckup(path, SqliteView.Open(database, EmbeddedEngine.Schema, RunsSchema.Scripts));
    }

    /// <summary>Replays every unfinished run and delivery against this build, one after the other.</summary>
    public IEnumerable<InstanceReplay> ReplayUnfinished()
    {
        // No activity is run, so nothing that they would need is there.
        using var nothing = new ServiceCollection().BuildServiceProvider();
        var registry = ServerServices.Register(nothing);
        foreach (var replay in UnfinishedReplays.Replay(_view, registry, CoreJson.Default.Options)) yield return replay;
    }

    /// <summary>What else is wrong with the directory, in words; a server would start all the same.</summary>
    public IReadOnlyList<string> FindWarnings() => DirectoryWarnings.Find(Directory);

    public void Dispose() => _view.Dispose();
}
