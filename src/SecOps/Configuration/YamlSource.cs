using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SecOps.Configuration;

/// <summary>One configuration file: its parsed nodes, its name for errors, and the environment that may override it.</summary>
internal sealed class YamlSource(string file, Func<string, string?> environment, bool describing = false)
{
    public bool Describing => describing;

    /// <exception cref="SecOpsException">Not YAML (exit code 2), with the line.</exception>
    public YamlNode? Parse(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count > 1)
            {
                throw Error(stream.Documents[1].RootNode, "holds more than one YAML document");
            }

            return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        }
        catch (YamlException e)
        {
            throw SecOpsException.Usage(string.Create(CultureInfo.InvariantCulture, $"{file}:{e.Start.Line}: {Reason(e)}."));
        }
    }

    public string? Variable(string name) => describing ? null : environment(name);

    public string Place(YamlNode? node) =>
        node is null ? file : string.Create(CultureInfo.InvariantCulture, $"{file}:{node.Start.Line}");

    public SecOpsException Error(YamlNode? node, string message) => SecOpsException.Usage($"{Place(node)}: {message}.");

    private static string Reason(YamlException e)
    {
        var text = (e.InnerException ?? e).Message;
        var colon = text.IndexOf("): ", StringComparison.Ordinal);
        return "not valid YAML: " + (colon < 0 ? text : text[(colon + 3)..]).TrimEnd('.');
    }
}
