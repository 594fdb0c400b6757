namespace QuantaPilot.Integrations.Chat.Documents;

/// <summary>What each document of the set is for, in the words that a model is told.</summary>
internal static class DocumentPurposes
{
    private static readonly Dictionary<string, string> Purposes = new(StringComparer.Ordinal)
    {
        ["ANCHOR"] =
            "The way in for reviewers: what the project is in a few sentences, a table of the other documents with what each holds and how "
            + "many questions it leaves open, and every open question in one list with a link to its document.",
        ["00_overview"] =
            "What the project is, for whom and why; its size, languages and main parts; how it is built and run in a few lines.",
        ["10_architecture"] =
            "The parts of the program and what each does, how they depend on each other, the path of a request or a run through them, where "
            + "data is kept, and the outside things that it needs.",
        ["20_requirements"] =
            "What the project promises to do, each with a number (R-001, R-002, …), its source, and how one can see that it is kept.",
        ["30_milestones"] =
            "What is planned, in order, and where it stands. Only what the repository itself plans; none are made up.",
        ["40_acceptance"] =
            "How one tells that the project works: tests, checks and CI, what they cover and what they don't.",
        ["60_constraints"] =
            "What binds changes: platforms, versions, licences, rules of the code and of the process, limits of time, money and data.",
        ["70_runbook"] =
            "How to set it up, build, test, run, configure and release it, as commands that the repository has; settings with their "
            + "meaning; what to do when it fails.",
        ["80_adrs"] =
            "The decisions that shaped it: those on record with their status, and those that the code shows without a record, as questions.",
        ["90_api"] =
            "What it offers to others: HTTP routes, commands, public names, file formats, each with its source.",
        ["99_glossary"] =
            "The words of the project and its field that a newcomer must know, each with one sentence and its source.",
    };

    public static string Of(string id) => Purposes[id];
}
