using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SecOps.Delivery.Protect;

/// <summary>A range of IPv4 addresses, as <c>10.0.0.0/16</c>.</summary>
public readonly record struct AddressRange(uint First, int Prefix)
{
    public static readonly AddressRange Everywhere = new(0, 0);

    public static AddressRange? Parse(string? text)
    {
        var parts = text?.Split('/') ?? [];
        if (parts.Length is not (1 or 2) || !IPAddress.TryParse(parts[0], out var address) || address.AddressFamily != AddressFamily.InterNetwork)
        {
            return null;
        }

        var prefix = 32;
        if (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > 32))
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        var value = ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
        return new AddressRange(value & Mask(prefix), prefix);
    }

    public bool Contains(AddressRange other) => other.Prefix >= Prefix && (other.First & Mask(Prefix)) == First;

    public bool Overlaps(AddressRange other) => Contains(other) || other.Contains(this);

    /// <summary>RFC 1918, or the carriers' 100.64.0.0/10.</summary>
    public bool IsPrivate => Array.Exists(Private, new AddressRange(First, Prefix).IsIn);

    private static readonly AddressRange[] Private = [new(0x0A000000, 8), new(0xAC100000, 12), new(0xC0A80000, 16), new(0x64400000, 10)];

    private bool IsIn(AddressRange wider) => wider.Contains(this);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First >> 24}.{(First >> 16) & 255}.{(First >> 8) & 255}.{First & 255}/{Prefix}");

    private static uint Mask(int prefix) => prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);
}
