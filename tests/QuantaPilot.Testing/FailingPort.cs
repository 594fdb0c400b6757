using System.Reflection;

namespace QuantaPilot.Testing;

/// <summary>A port one of whose methods fails for as often as a test says.</summary>
public static class FailingPort
{
    /// <param name="port">What does the work.</param>
    /// <param name="method">The method.</param>
    /// <param name="fault">Called at each call of it: what it throws this time, or null.</param>
    public static T Around<T>(T port, string method, Func<Exception?> fault)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, Proxy>();
        var settings = (Proxy)(object)proxy;
        (settings.Port, settings.Method, settings.Fault) = (port, method, fault);
        return proxy;
    }

    /// <summary>Public since the type that is made of it is elsewhere.</summary>
    public class Proxy : DispatchProxy
    {
        internal object Port { get; set; } = null!;

        internal string Method { get; set; } = "";

        internal Func<Exception?> Fault { get; set; } = () => null;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == Method && Fault() is { } fault) throw fault;
            return targetMethod.Invoke(Port, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
    }
}
