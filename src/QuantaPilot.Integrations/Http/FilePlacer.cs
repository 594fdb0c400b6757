using QuantaPilot.Core.Agents;
using QuantaPilot.Core.Contracts;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Http;

/// <summary>
/// Puts files of an agent's answer into a checkout, and nowhere else: no part of a path is a link, and a link at its end is replaced,
/// not followed. A file that is there keeps its mode.
/// </summary>
internal static class FilePlacer
{
    /// <exception cref="StepException">agent_failed: the path is not accepted, or a folder or file is in the way.</exception>
    public static async Task PlaceAsync(string directory, AgentFile file, CancellationToken cancellationToken)
    {
        if (AgentFiles.FindFault(file) is var (_, fault)) throw Fault(file, fault);
        var parts = file.Path!.Split('/');
        var folder = new DirectoryInfo(directory);
        foreach (var part in parts[..^1])
        {
            folder = new DirectoryInfo(Path.Combine(folder.FullName, part));
            if (folder.LinkTarget is not null) throw Fault(file, "leads through a link");
            if (File.Exists(folder.FullName)) throw Fault(file, $"has a file, {part}, where a folder would have to be");
        }
        var target = new FileInfo(Path.Combine(folder.FullName, parts[^1]));
        if (target.LinkTarget is null && Directory.Exists(target.FullName)) throw Fault(file, "is a folder");
        if (target.LinkTarget is not null) target.Delete();
        if (file.Deleted == true)
        {
            // One that is not there is gone already, perhaps by an earlier try.
            if (folder.Exists) target.Delete();
            return;
        }
        folder.Create();
        if (file.Content is { } text) await File.WriteAllTextAsync(target.FullName, text, cancellationToken);
        else await File.WriteAllBytesAsync(target.FullName, Convert.FromBase64String(file.ContentBase64!), cancellationToken);
    }

    private static StepException Fault(AgentFile file, string fault) =>
        new(ErrorCodes.AgentFailed, $"The agent answered with a file that is not accepted: '{AgentFiles.Shown(file.Path)}' {fault}.");
}
