using System.IO.Pipes;
using System.Net.Sockets;
using SecOps.Delivery.Diagnose;
using SecOps.Docker;

namespace SecOps.Commands.Doctor;

/// <summary>Whether something listens where the Docker Engine should: connects, and says nothing.</summary>
internal static class DockerProbe
{
    private const string Fix = "Start Docker, or set DOCKER_HOST. Without it, scanning source and reporting work; building and pushing images do not.";

    public static async Task<IReadOnlyList<DiagnoseCheck>> CheckAsync(Workspace workspace, CancellationToken cancellation)
    {
        Uri place;
        try
        {
            place = DockerEndpoint.Find(workspace.Variable).Address;
        }
        catch (SecOpsException e)
        {
            return [DiagnoseCheck.Failed("docker", "DOCKER_HOST or context", e.Message, "Set DOCKER_HOST to unix:///path, npipe:////./pipe/NAME or tcp://HOST:PORT, or choose a context.")];
        }

        var address = place.ToString();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(3));
            switch (place.Scheme)
            {
                case "unix":
                    using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                    {
                        await socket.ConnectAsync(new UnixDomainSocketEndPoint(place.LocalPath), limit.Token);
                    }

                    break;
                case "npipe":
                    using (var pipe = new NamedPipeClientStream(".", place.LocalPath.Split('/', '\\')[^1], PipeDirection.InOut))
                    {
                        await pipe.ConnectAsync(limit.Token);
                    }

                    break;
                case "tcp":
                    using (var client = new TcpClient())
                    {
                        await client.ConnectAsync(place.Host, place.Port > 0 ? place.Port : 2375, limit.Token);
                    }

                    break;
                default:
                    return [DiagnoseCheck.Unknown("docker", address, $"{place.Scheme} addresses are not tried here.")];
            }

            return [DiagnoseCheck.Ok("docker", address, "something listens there.")];
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            return [DiagnoseCheck.Warning("docker", address, "Docker is there, and this user may not use it.", "Join the group of the socket (often docker), then sign in again.")];
        }
        catch (SocketException)
        {
            // The system's words differ ("Cannot assign requested address" for a socket that is not there) and explain nothing.
            return [DiagnoseCheck.Warning("docker", address, "nothing listens there.", Fix)];
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return [DiagnoseCheck.Warning("docker", address, $"Docker is not reachable: {e.Message}", Fix)];
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [DiagnoseCheck.Warning("docker", address, "Docker does not answer.", Fix)];
        }
    }
}
