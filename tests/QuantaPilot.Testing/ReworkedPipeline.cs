namespace QuantaPilot.Testing;

/// <summary>
/// A project whose plan stands in its documentation. Each round of its task costs 100 tokens and adds a line to greet.sh; the check
/// wants two, so that the first round fails it.
/// </summary>
public static class ReworkedPipeline
{
    public const string Configuration =
        """
        version: 1
        agents:
          coder: { type: command, run: [bash, tools/agent.sh], timeout: 1m }
        gates:
          milestone: { on_reject: rework }
        limits: { tokens: 250 }
        """;

    public const string Plan =
        """
        # Milestones

        ## M-001: Greeting

        - [ ] it greets

        ### Tasks

        1. Greet

        ### Checks

        - `grep -q 2 greet.sh`
        """;

    public const string Agent =
        """
        set -eu
        echo "echo hello $QP_ROUND # ${QP_FEEDBACK:-}" | head -n 1 >> greet.sh
        echo '{"tokens": 100, "usd": 0.01}' > "$QP_USAGE_FILE"
        """;
}
