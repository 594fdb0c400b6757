using System.Security.Cryptography;
using System.Text;

namespace QuantaPilot.Integrations.Chat;

/// <summary>
/// Answers that were found good in a step that has not ended well yet. A step that is tried again after a passing fault begins anew,
/// perhaps on another machine; on this one it need not pay twice for what it has. Bounded, the oldest go first.
/// </summary>
internal sealed class KeptAnswers
{
    private const int MostAnswers = 500;
    private const int MostCharacters = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private long _characters;

    /// <param name="step">The run and the step.</param>
    /// <param name="texts">All that the answer depends on.</param>
    public static string Key(string step, params ReadOnlySpan<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
            hash.AppendData(bytes);
        }
        return $"{step}:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    public string? Find(string key)
    {
        lock (_gate) return _answers.GetValueOrDefault(key);
    }

    public void Keep(string key, string answer)
    {
        lock (_gate)
        {
            if (!_answers.TryAdd(key, answer)) return;
            _order.Enqueue(key);
            _characters += answer.Length;
            while (_answers.Count > MostAnswers || _characters > MostCharacters) Remove(_order.Dequeue());
        }
    }

    /// <summary>The step has ended well: its work is in git.</summary>
    public void Forget(string step)
    {
        lock (_gate)
        {
            var others = new List<string>();
            foreach (var key in _order)
            {
                if (key.StartsWith(step + ":", StringComparison.Ordinal)) Remove(key);
                else others.Add(key);
            }
            _order.Clear();
            foreach (var key in others) _order.Enqueue(key);
        }
    }

    private void Remove(string key)
    {
        if (_answers.Remove(key, out var answer)) _characters -= answer.Length;
    }
}
