using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SecOps.Toolbox;

/// <summary>Serves bytes by name on loopback. A name may be cut: half of its bytes come, then nothing until the server goes.</summary>
internal sealed class FileServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> stalled = [];
    private readonly TaskCompletionSource halfSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FileServer()
    {
        listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public string Address => $"http://{listener.LocalEndpoint}";

    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    public string? Cut { get; init; }

    public ConcurrentQueue<string> Requests { get; } = new();

    public ConcurrentQueue<string> Authorizations { get; } = new();

    /// <summary>Done when the first half of the cut file is on its way.</summary>
    public Task HalfSent => halfSent.Task;

    public void Dispose()
    {
        listener.Dispose();
        foreach (var client in stalled)
        {
            client.Dispose();
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            // Left open: the end of a cut answer would close the connection.
            using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
            var name = (await reader.ReadLineAsync())!.Split(' ')[1].TrimStart('/');
            while (await reader.ReadLineAsync() is { Length: > 0 } header)
            {
                if (header.StartsWith("Authorization: ", StringComparison.Ordinal))
                {
                    Authorizations.Enqueue(header);
                }
            }

            Requests.Enqueue(name);
            var found = Files.TryGetValue(name, out var content);
            var stream = client.GetStream();
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 {(found ? "200 OK" : "404 Not Found")}\r\nContent-Length: {content?.Length ?? 0}\r\nConnection: close\r\n\r\n"));
            if (name == Cut)
            {
                await stream.WriteAsync(content.AsMemory(0, content!.Length / 2));
                // Kept, or the collector would close the connection.
                stalled.Add(client);
                halfSent.TrySetResult();
                return;
            }

            await stream.WriteAsync(content ?? []);
            client.Dispose();
        }
        catch (IOException)
        {
            // The client hung up.
        }
    }
}
