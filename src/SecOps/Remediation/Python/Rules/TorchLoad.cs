namespace SecOps.Remediation.Python.Rules;

/// <summary>B614: a model file that may hold code.</summary>
internal sealed class TorchLoad() : PythonRule("B614")
{
    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => fix.Qualified(c) == "torch.load") is not { } call)
        {
            return "no call of torch.load stands there";
        }

        if (call.HasSpread || call.Keyword("pickle_module") is not null)
        {
            return "its arguments choose another reader";
        }

        fix.SetKeyword(call, "weights_only", "True");
        fix.Summary = "Load weights alone, no code";
        fix.Risk = "A file that holds a whole model object no longer loads; save its state_dict instead.";
        return null;
    }
}
