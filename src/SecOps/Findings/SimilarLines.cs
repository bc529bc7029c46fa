namespace SecOps.Findings;

/// <summary>Pairs lines of one file before and after an edit.</summary>
internal static class SimilarLines
{
    /// <summary>
    /// Of the pairs of letters that two lines hold, the part that they must share (the Sørensen–Dice coefficient). A renamed variable or
    /// another argument keeps a call above it; two different calls of one function lie below.
    /// </summary>
    private const double Enough = 0.6;

    /// <summary>Beyond it a file was rewritten, and pairing lines is guessing.</summary>
    private const int MostPairs = 10_000;

    /// <summary>Pairs of which each is the other's one nearest among the similar ones.</summary>
    public static IEnumerable<(int Before, int After)> Pair(List<int> before, List<int> after, Func<int, Location> placeBefore, Func<int, Location> placeAfter)
    {
        if (before.Count == 0 || (long)before.Count * after.Count > MostPairs)
        {
            return [];
        }

        var old = before.ConvertAll(b => (Index: b, Place: placeBefore(b), Text: Pairs(placeBefore(b).Snippet)));
        var now = after.ConvertAll(a => (Index: a, Place: placeAfter(a), Text: Pairs(placeAfter(a).Snippet)));
        var similar = (from b in old
                       from a in now
                       where AreSimilar(b.Text, a.Text)
                       select (Before: b.Index, After: a.Index, Distance: Math.Abs((long)b.Place.StartLine!.Value - a.Place.StartLine!.Value))).ToList();
        var pairs = new List<(int, int)>();
        while (true)
        {
            var nearestOfBefore = similar.GroupBy(s => s.Before).ToDictionary(g => g.Key, g => Nearest(g, s => s.After));
            var nearestOfAfter = similar.GroupBy(s => s.After).ToDictionary(g => g.Key, g => Nearest(g, s => s.Before));
            var mutual = nearestOfBefore.Where(n => n.Value is { } a && nearestOfAfter[a] == n.Key).Select(n => (n.Key, n.Value!.Value)).ToList();
            if (mutual.Count == 0)
            {
                return pairs;
            }

            pairs.AddRange(mutual);
            similar.RemoveAll(s => mutual.Exists(m => m.Key == s.Before || m.Value == s.After));
        }
    }

    /// <summary>Null when two are equally near.</summary>
    private static int? Nearest(IEnumerable<(int Before, int After, long Distance)> candidates, Func<(int Before, int After, long Distance), int> other)
    {
        var nearest = candidates.OrderBy(c => c.Distance).Take(2).ToList();
        return nearest.Count == 2 && nearest[0].Distance == nearest[1].Distance ? null : other(nearest[0]);
    }

    private static bool AreSimilar(Dictionary<int, int> a, Dictionary<int, int> b)
    {
        var total = a.Values.Sum() + b.Values.Sum();
        var shared = a.Sum(pair => Math.Min(pair.Value, b.GetValueOrDefault(pair.Key)));
        return total > 0 && 2.0 * shared / total >= Enough;
    }

    /// <summary>How often each pair of neighbouring letters comes up, white space left out.</summary>
    private static Dictionary<int, int> Pairs(string? code)
    {
        var text = IdentityKey.Fold(code);
        var pairs = new Dictionary<int, int>();
        for (var i = 1; i < text.Length; i++)
        {
            var pair = (text[i - 1] << 16) | text[i];
            pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
        }

        return pairs;
    }
}
