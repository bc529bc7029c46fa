using System.Text;

namespace SecOps;

/// <summary>What happens to JSON documents on their way, and what someone does to them to do damage: bytes flipped, lost, doubled or no UTF-8, other values, depth, escapes.</summary>
internal static class Damage
{
    private static readonly string[] Numbers = ["-1", "0", "99999999999999999999", "1e999", "-0.5", "2147483647", "1e-400", "null", "true", "\"\"", "[]", "{}", "\"\\ud800\"", "\"\\u0000\""];

    private static readonly string[] Escapes = ["\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u0000", "\\u0069", "\\x", "\\"];

    public static byte[] Of(byte[] original, Random random)
    {
        var bytes = (byte[])original.Clone();
        var (from, length) = (random.Next(bytes.Length), random.Next(1, 60));
        var to = Math.Min(bytes.Length, from + length);
        switch (random.Next(8))
        {
            case 0:
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
            case 1:
                return bytes[..from];
            case 2:
                return [.. bytes[..to], .. bytes[from..]];
            case 3:
                return [.. bytes[..from], .. bytes[to..]];
            case 4:
                return Replace(random, bytes, Numbers[random.Next(Numbers.Length)]);
            case 5:
                return Escape(random, bytes);
            case 6:
                return Replace(random, bytes, string.Concat(Enumerable.Repeat("[", random.Next(1, 10_000))));
            default:
                bytes[from] = (byte)random.Next(0x80, 0x100);
                return bytes;
        }
    }

    /// <summary>Another value in the place of one of the document's.</summary>
    private static byte[] Replace(Random random, byte[] bytes, string value)
    {
        var colon = Array.IndexOf(bytes, (byte)':', random.Next(bytes.Length));
        var end = colon < 0 ? -1 : Array.FindIndex(bytes, colon, b => b is (byte)',' or (byte)'\n');
        return end < 0 ? bytes : [.. bytes[..(colon + 1)], .. Encoding.UTF8.GetBytes(value), .. bytes[end..]];
    }

    /// <summary>An escape at the beginning of one of the document's names or texts.</summary>
    private static byte[] Escape(Random random, byte[] bytes)
    {
        var quote = Array.IndexOf(bytes, (byte)'"', random.Next(bytes.Length)) + 1;
        return [.. bytes[..quote], .. Encoding.UTF8.GetBytes(Escapes[random.Next(Escapes.Length)]), .. bytes[quote..]];
    }
}
