using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using QuantaPilot.Cli.Output;
using QuantaPilot.Integrations.Outline.Profiling;

namespace QuantaPilot.Cli.Pipelines;

/// <summary>A first quantapilot.yml, with what each member means and an example of work to take the comment signs away from.</summary>
internal static class PipelineTemplate
{
    /// <summary>The id of quantapilot.schema.json.</summary>
    public const string SchemaUrl = "https://quantapilot.dev/schemas/quantapilot.schema.json";

    private const int MostPipelines = 3;

    /// <summary>JSON's texts are YAML's too; only its escapes for web pages would be noise.</summary>
    private static readonly JsonSerializerOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(RepositoryProfile profile, string schema)
    {
        var text = new StringBuilder();
        text.Append(
            $"""
            # yaml-language-server: $schema={schema}

            # What QuantaPilot does with this repository: it writes its documentation, asks people at gates, carries out
            # milestones and merges them. Everything but version is optional. After a change: qp validate

            # The version of this format.
            version: 1

            documentation:
              # Who writes it: outline is built in and needs no model; or a name under agents.
              agent: outline
              # The folder that it goes to. Documents in it that people wrote or changed are kept.
              path: {profile.DocumentationPath}

            # Where a run waits for people: with each gate they see a pull request, and decide on just that commit.
            gates:
              # On the documentation, before it is merged and work begins.
              anchor:
                required: true
                # How many different people must approve.
                approvals: 1
                # How long it waits (s, m, h or d), and what happens then: pause, reject, or remind, which asks anew.
                timeout: 7d
                on_timeout: pause
                # How often it reminds until then. Default: never.
                # remind: 1d
                # Whether who started the run may approve.
                self_approval: true
                # What a rejection does: the run fails, or with rework the agent gets the reason and tries again.
                on_reject: fail
              # On each milestone; it takes the same members.
              milestone:
                required: true
              # Once more before the first milestone is merged.
              first-merge:
                required: false

            # What a run may use up before it is paused, and how often work is done anew. Default: no limit, 2 retries.
            # limits: {"{"} tokens: 60000, usd: 10, duration: 8h, retries: 2 {"}"}

            # How pull requests are merged: squash, merge or rebase.
            merge: squash


            """);
        foreach (var line in Example(profile)) text.Append(line.Length == 0 ? "#" : "# ").Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>Valid YAML by itself, below the members above.</summary>
    private static IEnumerable<string> Example(RepositoryProfile profile) =>
    [
        "# An example of work. To use it, take \"# \" away at the beginning of these lines, and change it.",
        "",
        "# Who does the work, by names of your choice. command starts a program in a fresh checkout, without a shell, with the",
        "# task in QP_PROMPT; the host must allow it (qp serve --allow-commands). Others: http, chat.",
        "agents:",
        "  coder:",
        "    type: command",
        "    run: [bash, tools/agent.sh]",
        "    timeout: 20m",
        "",
        "# The work, in order. Each milestone gets a pull request and a gate.",
        "milestones:",
        "  - id: M-001",
        "    title: The first milestone",
        "    # What the reviewer goes by.",
        "    criteria:",
        "      - \"the tests pass\"",
        "    tasks:",
        "      - agent: coder",
        "        prompt: \"Say here what is to be done\"",
        .. Checks(profile).Select(line => "    " + line),
    ];

    private static IEnumerable<string> Checks(RepositoryProfile profile)
    {
        yield return "# Commands that must succeed before anybody is asked: one after the other, in a fresh checkout, without a shell.";
        if (profile.Pipelines.Count > 0)
        {
            var files = profile.Pipelines.Take(MostPipelines).Select(pipeline => $"{Plain(pipeline.Path)} ({pipeline.System})");
            var more = profile.Pipelines.Count > MostPipelines ? ", …" : "";
            yield return $"# What continuous integration runs is in {string.Join(", ", files)}{more}.";
        }
        if (profile.Checks.Count == 0)
        {
            yield return "# No command that runs the tests was recognised: put yours in the place of this one.";
            yield return "checks:";
            yield return "  - { run: [make, test], timeout: 10m }";
            yield break;
        }
        var sources = string.Join(", ", profile.Checks.Select(check => Plain(check.Source)).Distinct());
        yield return $"# By {sources}; nobody has tried them yet.";
        yield return "checks:";
        foreach (var check in profile.Checks) yield return $"  - {{ run: [{string.Join(", ", check.Run.Select(Word))}], timeout: 10m }}";
    }

    /// <summary>As it is where YAML takes it for a text, else in quotes.</summary>
    private static string Word(string word) =>
        char.IsAsciiLetter(word[0]) && word is not ("true" or "false" or "null")
        && word.All(c => char.IsAsciiLetterOrDigit(c) || "._/-".Contains(c, StringComparison.Ordinal))
            ? word
            : JsonSerializer.Serialize(word, _readable);

    /// <summary>Paths may hold what would end a comment.</summary>
    private static string Plain(string text) => ConsoleLines.Clean(text);
}
