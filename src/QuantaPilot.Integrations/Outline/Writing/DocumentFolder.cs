using System.Text;
using QuantaPilot.Core.Ports;
using QuantaPilot.Core.Runs;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>The folder of the checkout that documents are written to; never anything outside it.</summary>
internal sealed class DocumentFolder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly string _root;

    /// <exception cref="StepException">repository_unsafe: the path leads outside the checkout.</exception>
    public DocumentFolder(string root, string path)
    {
        _root = root;
        var parts = path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToList();
        if (System.IO.Path.IsPathRooted(path)
            || parts.Any(p => p == ".." || p.Equals(".git", StringComparison.OrdinalIgnoreCase) || p.Any(char.IsControl)))
        {
            throw new StepException(
                ErrorCodes.RepositoryUnsafe,
                "documentation.path must be a folder within the repository, such as docs, without .. or .git.");
        }
        Path = string.Join('/', parts);
    }

    /// <summary>From the root of the repository, with <c>/</c>; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Writes the documents. Links on the way are found before anything is written.</summary>
    /// <exception cref="StepException">repository_unsafe: a link is in the way; documentation_invalid: a file is where a folder must be,
    /// or the reverse.</exception>
    public void Write(IReadOnlyDictionary<string, string> documents, CancellationToken cancellationToken)
    {
        foreach (var path in documents.Keys) Refuse(path);
        foreach (var (path, text) in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var full = System.IO.Path.Combine(_root, path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text, Utf8);
        }
    }

    /// <summary>The digest of the set that lies in the folder, once every document is there and keeps the rules.</summary>
    /// <exception cref="StepException">documentation_invalid: names file and field; repository_unsafe: a link is in the way.</exception>
    public string CheckedDigest()
    {
        var documents = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in DocumentSet.Ids)
        {
            var path = Reading.Paths.Join(Path, id + ".md");
            Refuse(path);
            var file = new FileInfo(System.IO.Path.Combine(_root, path));
            if (!file.Exists)
            {
                throw new StepException(
                    ErrorCodes.DocumentationInvalid, $"{path} is missing; the set is {string.Join(", ", DocumentSet.Ids)}.");
            }
            if (file.Length > DocumentSet.MostBytesChecked)
            {
                throw new StepException(ErrorCodes.DocumentationInvalid, $"{path} is larger than {DocumentSet.MostBytesChecked} bytes.");
            }
            documents[path] = File.ReadAllText(file.FullName, Utf8);
        }
        DocumentSet.Check(documents, p => System.IO.Path.Exists(System.IO.Path.Combine(_root, p)));
        return DocumentSet.Digest(documents);
    }

    private void Refuse(string path)
    {
        var full = _root;
        var parts = path.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            full = System.IO.Path.Combine(full, parts[i]);
            var shown = string.Join('/', parts.Take(i + 1));
            if (new FileInfo(full).LinkTarget is not null)
            {
                throw new StepException(
                    ErrorCodes.RepositoryUnsafe, $"{shown} is a symbolic link; documents are written to real folders and files only.");
            }
            var isLast = i == parts.Length - 1;
            if (isLast ? Directory.Exists(full) : File.Exists(full))
            {
                throw new StepException(
                    ErrorCodes.DocumentationInvalid,
                    $"{shown} is a {(isLast ? "folder where a file" : "file where a folder")} must be; set documentation.path to another folder.");
            }
        }
    }
}
