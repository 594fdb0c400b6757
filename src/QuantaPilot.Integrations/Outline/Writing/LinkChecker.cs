using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using QuantaPilot.Integrations.Outline.Reading;

namespace QuantaPilot.Integrations.Outline.Writing;

/// <summary>Checks that the relative links of a document lead to something in the repository.</summary>
internal static class LinkChecker
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().Build();

    /// <summary>The links that lead nowhere, as they are written; empty if all resolve.</summary>
    /// <param name="text">The document.</param>
    /// <param name="folder">The folder that it is in.</param>
    /// <param name="exists">True for files and folders that are there.</param>
    /// <exception cref="FormatException">The document is nested too deeply to be read.</exception>
    public static IReadOnlyList<string> Broken(string text, string folder, Func<string, bool> exists)
    {
        var broken = new List<string>();
        foreach (var link in Markdowns.Parse(text, Pipeline).Descendants<LinkInline>())
        {
            var url = link.Url ?? "";
            if (url.Length == 0 || url[0] == '#' || Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme != "file")
            {
                continue;
            }
            var path = url.Split('#')[0].Split('?')[0];
            var resolved = path.StartsWith('/') ? null : Paths.Resolve(folder, Uri.UnescapeDataString(path));
            if (resolved is null || !exists(resolved)) broken.Add(url);
        }
        return broken;
    }
}
