using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecOps.Registry;

/// <summary>An HTTP server on loopback that answers as the test says, and remembers what it was asked.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener listener;
    private readonly CancellationTokenSource closed = new();
    private readonly Lock gate = new();
    private readonly Func<HttpListenerRequest, string, Answer> answer;

    public LoopbackServer(Func<HttpListenerRequest, Answer> answer)
        : this((request, _) => answer(request))
    {
    }

    /// <param name="answer">Gets the request and its body.</param>
    public LoopbackServer(Func<HttpListenerRequest, string, Answer> answer)
    {
        this.answer = answer;
        for (var attempt = 0; ; attempt++)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Host = $"127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            }

            // One that could not start is closed, and of no more use.
            listener = new HttpListener();
            listener.Prefixes.Add($"http://{Host}/");
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Somebody else took the port in between.
            }
        }

        _ = Task.Run(ServeAsync);
    }

    public string Host { get; }

    /// <summary>Method, path with query, and the Authorization header.</summary>
    public ConcurrentQueue<(string Method, string Path, string? Authorization)> Requests { get; } = new();

    public void Dispose()
    {
        closed.Cancel();
        listener.Close();
        closed.Dispose();
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            Requests.Enqueue((context.Request.HttpMethod, context.Request.RawUrl!, context.Request.Headers["Authorization"]));
            using var body = new StreamReader(context.Request.InputStream);
            var text = await body.ReadToEndAsync();
            Answer reply;
            // One at a time, so that a test's lambda may count.
            lock (gate)
            {
                reply = answer(context.Request, text);
            }

            if (reply.Never)
            {
                await Task.Delay(Timeout.Infinite, closed.Token);
            }

            if (reply.HangUp)
            {
                context.Response.Abort();
                return;
            }

            context.Response.StatusCode = reply.Status;
            foreach (var (name, value) in reply.Headers)
            {
                context.Response.Headers[name] = value;
            }

            // With its length: the end of an answer in chunks would stand behind the answer to a HEAD, where the next one begins.
            var content = Encoding.UTF8.GetBytes(reply.Body);
            context.Response.ContentLength64 = content.Length;
            if (context.Request.HttpMethod != "HEAD")
            {
                await context.Response.OutputStream.WriteAsync(content);
            }

            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            // The client hung up, as some tests make it.
        }
    }
}

internal sealed record Answer(int Status, string Body = "")
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>The request is taken and never answered.</summary>
    public bool Never { get; init; }

    /// <summary>The connection is closed instead.</summary>
    public bool HangUp { get; init; }
}
