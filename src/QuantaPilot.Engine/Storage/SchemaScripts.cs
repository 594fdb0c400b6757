using System.Globalization;
using System.Reflection;

namespace QuantaPilot.Engine.Storage;

/// <summary>
/// The numbered schema scripts of one part of the product, embedded as <c>{prefix}NNN_name.sql</c>. A released script is
/// never edited: a change is a new number. The file records, per part, how far it has been brought.
/// </summary>
/// <param name="Part">The name under which the file records the version, e.g. <c>engine</c>.</param>
/// <param name="Assembly">Where the scripts are embedded.</param>
/// <param name="Prefix">The resource name up to the number.</param>
public sealed record SchemaScripts(string Part, Assembly Assembly, string Prefix)
{
    /// <summary>Runs the scripts that the file has not seen, all in one transaction.</summary>
    /// <exception cref="SqliteFileException">The file was written by a newer version.</exception>
    internal void Upgrade(SqliteSession session)
    {
        session.Execute("CREATE TABLE IF NOT EXISTS schema_version (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
        var present = ReadVersion(session);
        RequireKnown(present, session.Connection.DataSource);
        var scripts = FindScripts();
        var newest = scripts[^1].Number;
        foreach (var script in scripts.Where(script => script.Number > present))
        {
            using var stream = Assembly.GetManifestResourceStream(script.Name)!;
            using var reader = new StreamReader(stream);
            session.ExecuteScript(reader.ReadToEnd());
        }
        session.Execute("INSERT INTO schema_version VALUES (?1, ?2) ON CONFLICT (part) DO UPDATE SET version = ?2", Part, newest);
    }

    /// <summary>True if the file, which has the table of versions, has not seen all scripts.</summary>
    /// <param name="session">The file.</param>
    /// <param name="path">Its name, for the message.</param>
    /// <exception cref="SqliteFileException">The file was written by a newer version.</exception>
    internal bool IsOlder(SqliteSession session, string path)
    {
        var present = ReadVersion(session);
        RequireKnown(present, path);
        return present < FindScripts()[^1].Number;
    }

    private int ReadVersion(SqliteSession session) =>
        Convert.ToInt32(session.Scalar("SELECT version FROM schema_version WHERE part = ?1", Part) ?? 0, CultureInfo.InvariantCulture);

    private void RequireKnown(int present, string path)
    {
        var newest = FindScripts()[^1].Number;
        if (present > newest)
        {
            throw new SqliteFileException(
                $"The file {path} has schema version {present} of '{Part}'; this build knows versions up to {newest}. Use a newer build.");
        }
    }

    private List<(int Number, string Name)> FindScripts() =>
    [
        .. Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => (Number: int.Parse(name.AsSpan(Prefix.Length, 3), CultureInfo.InvariantCulture), Name: name))
            .OrderBy(script => script.Number),
    ];
}
