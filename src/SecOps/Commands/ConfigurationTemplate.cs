using System.Text;

namespace SecOps.Commands;

/// <summary>The text of a new <c>secops.yml</c>: what fits the project is set, what could be is there as a comment.</summary>
internal static class ConfigurationTemplate
{
    public static string Write(ProjectFacts project)
    {
        var required = new[] { project.Python ? "bandit" : null }.OfType<string>().ToList();
        var stages = new StringBuilder();
        stages.Append("    - {name: scan, command: scan .}\n");
        if (project.Dockerfile is not null)
        {
            var context = Path.GetDirectoryName(project.Dockerfile) is { Length: > 0 } folder ? folder.Replace('\\', '/') : ".";
            stages.Append($"    - {{name: build, command: build {context} --tag {ImageName(project.Folder)}:dev}}\n");
            stages.Append($"    # - {{name: image, command: scan . --image {ImageName(project.Folder)}:dev}}   # needs trivy\n");
            stages.Append("    # - {name: push, command: push REGISTRY/NAME:TAG}\n");
            stages.Append("    # - {name: deploy, command: deploy}\n");
        }

        stages.Append("    - {name: report, command: \"report --format html,sarif\", needs: [scan]}\n");
        return $"""
            # What secops does here. Every key is optional; "secops init --schema" prints the schema for your editor.
            # Seen when this was written: {project.Describe()}.

            gate:
              failOn: high                 # the lowest severity that fails: critical, high, medium, low, info, unknown
              # categories: {"{secret: low}"}  # stricter for one category: code, dependency, secret, config, web, cloud
              # newOnly: true              # only what the baseline does not know can fail
              # qualityGate: true          # a failed quality gate of SonarQube fails this one too
              # maxDatabaseAge: 7d         # an older vulnerability database makes the run incomplete
              require: [{string.Join(", ", required)}]{(required.Count == 0 ? "                  # scanners that must have completed, or the run is incomplete" : "            # must have completed, or the run is incomplete (exit code 3)")}

            # An accepted risk: with a reason, an owner and an end. "secops report waive ID" adds one.
            # waivers:
            #   - id: f1-0123456789abcdef0123
            #     reason: behind the VPN until the first quarter
            #     owner: platform@example.com
            #     expires: 2027-01-31

            # "secops run" does these in order; a stage without needs follows the one before it.
            run:
              stages:
            {stages.ToString().TrimEnd()}

            """;
    }

    /// <summary>A name that a registry takes: lower case, digits, and single separators.</summary>
    internal static string ImageName(string folder)
    {
        var name = new string([.. folder.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        return name.Length == 0 ? "app" : name;
    }
}
