using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace SecOps.StandIns;

/// <summary>A server on loopback that answers as the test says, and remembers what it was asked.</summary>
public sealed class StandIn : IDisposable
{
    private readonly HttpListener listener;
    private readonly Func<Asked, Answer> answer;
    private readonly ConcurrentQueue<Asked> asked = [];

    /// <param name="port">0: a free one.</param>
    public StandIn(Func<Asked, Answer> answer, int port = 0)
    {
        this.answer = answer;
        for (var attempt = 0; ; attempt++)
        {
            Url = $"http://127.0.0.1:{(port == 0 ? Random.Shared.Next(30000, 60000) : port)}";
            listener = new HttpListener { Prefixes = { Url + "/" } };
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException) when (port == 0 && attempt < 20)
            {
                // The port is taken, and a listener that failed is of no use any more.
            }
        }

        _ = Task.Run(ServeAsync);
    }

    public string Url { get; }

    public IReadOnlyCollection<Asked> Requests => asked;

    /// <summary>The operations in order, e.g. <c>DescribeServices</c>.</summary>
    public IReadOnlyList<string> Operations => [.. asked.Select(a => a.Operation)];

    public void Dispose() => ((IDisposable)listener).Dispose();

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

            _ = Task.Run(() => Reply(context));
        }
    }

    private void Reply(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var target = context.Request.Headers["X-Amz-Target"];
            var request = new Asked(context.Request.HttpMethod, context.Request.RawUrl!, target?.Split('.')[^1] ?? "", reader.ReadToEnd(), name => context.Request.Headers[name]);
            Answer reply;
            lock (asked)
            {
                asked.Enqueue(request);
                reply = answer(request);
            }

            if (reply.Cut)
            {
                context.Response.ContentLength64 = 1000;
                context.Response.OutputStream.Write("{"u8);
                context.Response.Abort();
                return;
            }

            context.Response.StatusCode = reply.Status;
            context.Response.ContentType = reply.ContentType;
            foreach (var (name, value) in reply.Headers)
            {
                context.Response.Headers[name] = value;
            }

            context.Response.Close(Encoding.UTF8.GetBytes(reply.Body), willBlock: true);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The caller went away.
        }
    }
}

/// <param name="Url">Path and query, as sent.</param>
public sealed record Asked(string Method, string Url, string Operation, string Body, Func<string, string?> Header);

public sealed record Answer(string Body, int Status = 200)
{
    public string ContentType { get; init; } = "application/x-amz-json-1.1";

    public Dictionary<string, string> Headers { get; init; } = new() { ["x-amzn-RequestId"] = "5f1c-request" };

    /// <summary>The connection is cut instead.</summary>
    public bool Cut { get; init; }

    /// <summary>A fault that comes after the call has been done, so that the caller can't know.</summary>
    public bool Late { get; init; }

    /// <summary>STS's answer to GetCallerIdentity.</summary>
    public static Answer Caller { get; } = new("""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>""") { ContentType = "text/xml" };

    public static Answer Error(string code, string message, int status = 400) => new($$"""{"__type":"com.amazonaws#{{code}}","message":"{{message}}"}""", status);
}
