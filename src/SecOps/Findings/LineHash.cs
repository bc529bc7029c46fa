using System.Globalization;

namespace SecOps.Findings;

/// <summary>
/// The fingerprints that GitHub code scanning computes for the lines of a file, <c>partialFingerprints.primaryLocationLineHash</c>.
/// An upload through the REST API does not get them filled in. A hash covers the line and what follows it, 100 UTF-16 units without
/// blanks, so it changes with the lines below: for uploads, not for the identity of findings.
/// </summary>
/// <remarks>Source: the documented algorithm of github/codeql-action (fingerprints), checked against its published values.</remarks>
public static class LineHash
{
    private const int Window = 100;
    private const ulong Factor = 37;
    private const char EndOfFile = '\uFFFF';

    /// <summary>One hash a line, in order: lower-case hex, a colon, and how often that hash has come up so far. An empty file has one line.</summary>
    public static IReadOnlyList<string> Of(ReadOnlySpan<char> text)
    {
        var rolling = new Rolling();
        var afterReturn = false;
        foreach (var unit in text)
        {
            var skipped = unit is ' ' or '\t' || (afterReturn && unit == '\n');
            afterReturn = unit == '\r';
            if (!skipped)
            {
                rolling.Add(unit == '\r' ? '\n' : unit);
            }
        }

        rolling.Add(EndOfFile);
        rolling.Flush();
        return rolling.Hashes;
    }

    private sealed class Rolling
    {
        private static readonly ulong Oldest = Power(Window);

        private readonly char[] window = new char[Window];
        private readonly int[] lineAt = new int[Window];
        private readonly Dictionary<ulong, int> seen = [];
        private int at;
        private ulong hash;
        private bool lineStarts = true;
        private int lines;

        public List<string> Hashes { get; } = [];

        public void Add(char unit)
        {
            TakeLine();
            if (lineStarts)
            {
                lineAt[at] = ++lines;
            }

            lineStarts = unit == '\n';
            Shift(unit);
        }

        /// <summary>Fills up with zeros, so that the last lines' windows get full.</summary>
        public void Flush()
        {
            for (var i = 0; i < Window; i++)
            {
                TakeLine();
                Shift('\0');
            }
        }

        /// <summary>The unit about to leave the window may start a line: the window that starts there is full now.</summary>
        private void TakeLine()
        {
            if (lineAt[at] == 0)
            {
                return;
            }

            var count = seen[hash] = seen.GetValueOrDefault(hash) + 1;
            Hashes.Add(string.Create(CultureInfo.InvariantCulture, $"{hash:x}:{count}"));
            lineAt[at] = 0;
        }

        private void Shift(char unit)
        {
            hash = unchecked((Factor * hash) + unit - (Oldest * window[at]));
            window[at] = unit;
            at = (at + 1) % Window;
        }

        private static ulong Power(int exponent)
        {
            var power = 1UL;
            for (var i = 0; i < exponent; i++)
            {
                power = unchecked(power * Factor);
            }

            return power;
        }
    }
}
