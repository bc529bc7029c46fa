using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

// A tool that behaves as badly as told. Each argument is one deed, done in order:
//   flood:N         N MB to standard output         flood-error:N   N MB to standard error
//   print:TEXT      a line to standard output        error:TEXT      a line to standard error
//   sleep:SECONDS   hangs                            ignore-sigterm  from here on
//   grandchild:S    starts a child that holds the pipes for S seconds, and goes on
//   orphan:S        as grandchild, but the child's parent ends, so that init adopts it
//   env:NAME        prints the variable              stdin           prints what it reads
//   write:FILE=TEXT writes a file                    replay:FILE=SOURCE copies SOURCE to FILE
//   exit:N          ends with N
foreach (var argument in args)
{
    var colon = argument.IndexOf(':', StringComparison.Ordinal);
    var (deed, value) = colon < 0 ? (argument, "") : (argument[..colon], argument[(colon + 1)..]);
    switch (deed)
    {
        case "flood":
            Flood(Console.OpenStandardOutput(), Number(value));
            break;
        case "flood-error":
            Flood(Console.OpenStandardError(), Number(value));
            break;
        case "print":
            Console.Out.WriteLine(value);
            break;
        case "error":
            Console.Error.WriteLine(value);
            break;
        case "sleep":
            Thread.Sleep(TimeSpan.FromSeconds(Number(value)));
            break;
        case "ignore-sigterm":
            // Kept for the process's lifetime.
            _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
            break;
        case "grandchild":
            Child($"sleep:{value}");
            break;
        case "orphan":
            Child($"grandchild:{value}", "exit:0").WaitForExit();
            break;
        case "env":
            Console.Out.WriteLine(Environment.GetEnvironmentVariable(value) ?? "(not set)");
            break;
        case "stdin":
            Console.Out.WriteLine(Console.In.ReadToEnd());
            break;
        case "write":
            File.WriteAllText(value.Split('=', 2)[0], value.Split('=', 2)[1]);
            break;
        case "replay":
            File.Copy(value.Split('=', 2)[1], value.Split('=', 2)[0], overwrite: true);
            break;
        case "exit":
            return (int)Number(value);
        default:
            Console.Error.WriteLine($"fake-tool: {argument} is no deed of mine");
            return 99;
    }
}

return 0;

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

static void Flood(Stream stream, double megabytes)
{
    var block = new byte[1 << 20];
    Array.Fill(block, (byte)'x');
    for (var i = 0; i < megabytes; i++)
    {
        stream.Write(block);
    }
}

static Process Child(params string[] deeds)
{
    // Inherits standard output and error: that is the point.
    var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
    foreach (var deed in deeds)
    {
        start.ArgumentList.Add(deed);
    }

    return Process.Start(start)!;
}
