using QuantaPilot.Cli.CommandLine;
using QuantaPilot.Core.Pipeline;

namespace QuantaPilot.Cli.Pipelines;

/// <summary>A quantapilot.yml on this machine.</summary>
/// <param name="Name">As the person named it, for messages.</param>
/// <param name="Text">Its text; of a file that is too long only so much as shows it.</param>
internal sealed record PipelineFile(string Name, string Text)
{
    private const string StandardInput = "-";

    /// <param name="path">A file, a directory that holds one, or <c>-</c>.</param>
    /// <param name="environment">Where the path counts from.</param>
    /// <exception cref="UsageException">There is no such file, or it can't be read.</exception>
    public static PipelineFile Open(string path, CliEnvironment environment)
    {
        if (path == StandardInput) return new PipelineFile("<stdin>", Read(environment.In));
        var full = Path.GetFullPath(path, environment.WorkingDirectory);
        if (Directory.Exists(full))
        {
            path = Path.Combine(path, PipelineReader.DefaultPath);
            full = Path.Combine(full, PipelineReader.DefaultPath);
        }
        try
        {
            using var reader = new StreamReader(full);
            return new PipelineFile(path, Read(reader));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException(
                $"There is no file {path}. '{environment.SelfName} init' writes a first {PipelineReader.DefaultPath}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} can't be read: {e.Message}");
        }
    }

    private static string Read(TextReader reader)
    {
        var buffer = new char[PipelineReader.MaxLength + 1];
        return new string(buffer, 0, reader.ReadBlock(buffer));
    }
}
