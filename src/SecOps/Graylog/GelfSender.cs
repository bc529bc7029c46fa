using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SecOps.Graylog;

/// <summary>Sends messages to one Graylog input, in order.</summary>
/// <remarks>
/// UDP gives no answer: a message counts as sent when nobody refuses the port. TCP gives none either: our side of the connection is closed and the server's
/// end awaited, so that a server that died half-way is noticed. HTTP answers each message.
/// </remarks>
public sealed class GelfSender : IDisposable
{
    /// <summary>A datagram that crosses every network without being cut.</summary>
    private const int MaxDatagram = 1420;
    private const int ChunkHeader = 12;
    private const int MaxChunks = 128;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly GelfAddress address;
    private readonly HttpClient? http;

    public GelfSender(GelfAddress address, HttpMessageHandler? handler = null)
    {
        this.address = address;
        http = address.Scheme is "http" or "https" ? new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience } : null;
    }

    /// <summary>Accepts this server certificate besides those the machine trusts; for a test's own authority.</summary>
    internal RemoteCertificateValidationCallback? Trust { get; init; }

    public void Dispose() => http?.Dispose();

    /// <summary>Sends the messages; says through <paramref name="sent"/> which have arrived as far as can be known.</summary>
    /// <exception cref="IOException">The server is away, or went away half-way.</exception>
    public async Task SendAsync(IReadOnlyList<byte[]> messages, Action<int> sent, CancellationToken cancellation)
    {
        try
        {
            switch (address.Scheme)
            {
                case "udp":
                    await UdpAsync(messages, sent, cancellation);
                    break;
                case "tcp" or "tls":
                    await TcpAsync(messages, sent, cancellation);
                    break;
                default:
                    await HttpAsync(messages, sent, cancellation);
                    break;
            }
        }
        catch (Exception e) when (e is SocketException or HttpRequestException or System.Security.Authentication.AuthenticationException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new IOException(e is OperationCanceledException ? $"it did not answer within {Patience.TotalSeconds:0} seconds" : e.InnerException?.Message ?? e.Message, e);
        }
    }

    /// <summary>gzip, and in chunks where one datagram is too small: magic bytes, the message's id, number and count.</summary>
    internal static IReadOnlyList<byte[]> Datagrams(byte[] message)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(message);
        }

        var bytes = packed.ToArray();
        if (bytes.Length <= MaxDatagram)
        {
            return [bytes];
        }

        // Larger chunks when there would be too many: cut on the way by the network, but whole or not at all.
        var size = Math.Max(MaxDatagram - ChunkHeader, (bytes.Length + MaxChunks - 1) / MaxChunks);
        var id = RandomNumberGenerator.GetBytes(8);
        var parts = bytes.Chunk(size).ToList();
        return [.. parts.Select((part, number) => (byte[])[0x1e, 0x0f, .. id, (byte)number, (byte)parts.Count, .. part])];
    }

    private async Task UdpAsync(IReadOnlyList<byte[]> messages, Action<int> sent, CancellationToken cancellation)
    {
        using var socket = new UdpClient();
        socket.Connect(address.Host, address.Port);
        for (var i = 0; i < messages.Count; i++)
        {
            foreach (var datagram in Datagrams(messages[i]))
            {
                await socket.SendAsync(datagram, cancellation);
            }

            // A closed port is refused a moment later. Asked after each message, so that one that was refused is not taken for sent.
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellation);
            if (socket.Client.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int and not 0 and var error)
            {
                throw new SocketException(error);
            }

            sent(i);
        }
    }

    private async Task TcpAsync(IReadOnlyList<byte[]> messages, Action<int> sent, CancellationToken cancellation)
    {
        // A connection a message tells of each whether it arrived. Thousands share connections: some may then come twice when the server dies.
        var batch = messages.Count <= 200 ? 1 : 100;
        for (var start = 0; start < messages.Count; start += batch)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(address.Host, address.Port, limit.Token);
            await using var network = client.GetStream();
            await using var stream = await OpenAsync(network, limit.Token);
            var end = Math.Min(start + batch, messages.Count);
            for (var i = start; i < end; i++)
            {
                // Each message ends with a zero byte; JSON has none.
                await stream.WriteAsync(messages[i], limit.Token);
                await stream.WriteAsync(new byte[] { 0 }, limit.Token);
            }

            await FinishAsync(network, stream, limit.Token);
            for (var i = start; i < end; i++)
            {
                sent(i);
            }
        }
    }

    private async Task<Stream> OpenAsync(NetworkStream network, CancellationToken cancellation)
    {
        if (address.Scheme == "tcp")
        {
            return network;
        }

        var tls = new SslStream(network, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host, RemoteCertificateValidationCallback = Trust }, cancellation);
        return tls;
    }

    /// <summary>Closes our side and waits until the server has closed its own: it has read all, or the connection was reset.</summary>
    private static async Task FinishAsync(NetworkStream network, Stream stream, CancellationToken cancellation)
    {
        await stream.FlushAsync(cancellation);
        if (stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }

        network.Socket.Shutdown(SocketShutdown.Send);
        var rest = new byte[1024];
        while (await network.ReadAsync(rest, cancellation) > 0)
        {
        }
    }

    private async Task HttpAsync(IReadOnlyList<byte[]> messages, Action<int> sent, CancellationToken cancellation)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            using var content = new ByteArrayContent(messages[i]);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await http!.PostAsync(address.Uri, content, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new IOException($"it answers {(int)response.StatusCode}");
            }

            sent(i);
        }
    }
}
