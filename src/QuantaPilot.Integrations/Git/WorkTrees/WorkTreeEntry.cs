using LibGit2Sharp;

namespace QuantaPilot.Integrations.Git.WorkTrees;

/// <summary>What a tree has at a path: a file, a link or a submodule.</summary>
/// <param name="Path">From the root, with <c>/</c>; already found to be safe.</param>
/// <param name="Id">The blob, or the commit of a submodule.</param>
/// <param name="Mode">As git has it.</param>
internal sealed record WorkTreeEntry(string Path, ObjectId Id, Mode Mode)
{
    /// <summary>The mode as the index has it: a tree may have others for files, from long ago.</summary>
    public uint IndexMode => Mode switch
    {
        Mode.SymbolicLink or Mode.GitLink or Mode.ExecutableFile => (uint)Mode,
        _ => (uint)Mode.NonExecutableFile,
    };

    /// <summary>Once it is written.</summary>
    public FileStatus Status { get; set; }
}
