using System.Reflection;
using Serverless.Common;

namespace Serverless.Workflows;

/// <summary>Reads the members of a workflow type and collects everything that is wrong with them.</summary>
internal sealed class WorkflowMembers
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
    private readonly SortedDictionary<string, WorkflowSignalDefinition> _signals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, WorkflowQueryDefinition> _queries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, WorkflowUpdateDefinition> _updates = new(StringComparer.Ordinal);
    private readonly Type _type;
    private readonly List<string> _problems;

    private WorkflowMembers(Type type, List<string> problems)
    {
        _type = type;
        _problems = problems;
    }

    public MethodInfo? Run { get; private set; }

    public Func<object?[], object>? Creator { get; private set; }

    public MethodInfo? DynamicOptions { get; private set; }

    public IReadOnlyDictionary<string, WorkflowSignalDefinition> Signals => _signals;

    public WorkflowSignalDefinition? DynamicSignal { get; private set; }

    public IReadOnlyDictionary<string, WorkflowQueryDefinition> Queries => _queries;

    public WorkflowQueryDefinition? DynamicQuery { get; private set; }

    public IReadOnlyDictionary<string, WorkflowUpdateDefinition> Updates => _updates;

    public WorkflowUpdateDefinition? DynamicUpdate { get; private set; }

    public static WorkflowMembers Read(Type type, WorkflowAttribute attribute, Func<object?[], object>? creator, List<string> problems)
    {
        var members = new WorkflowMembers(type, problems);
        if (attribute.Dynamic && attribute.Name is not null)
        {
            problems.Add("it has a name and is dynamic");
        }

        if (type.ContainsGenericParameters)
        {
            problems.Add("it has open type parameters");
        }

        CheckName(attribute.Name, "the workflow", problems);
        members.ReadRun(attribute);
        members.ReadHandlers();
        members.ReadDynamicOptions(attribute);
        members.ReadConstructors(creator);
        return members;
    }

    private static IEnumerable<MethodInfo> MethodsOf(Type type) =>
        type.IsInterface ? type.GetInterfaces().Append(type).SelectMany(static t => t.GetMethods(All)) : type.GetMethods(All);

    private void ReadRun(WorkflowAttribute attribute)
    {
        foreach (var method in MethodsOf(_type).Where(static m => m.GetCustomAttribute<WorkflowRunAttribute>(false) is not null))
        {
            if (method.DeclaringType != _type)
            {
                _problems.Add($"[WorkflowRun] on {method.DeclaringType?.Name}.{method.Name} must be repeated on a method declared on {_type.Name} itself");
            }
            else if (Run is not null)
            {
                _problems.Add($"[WorkflowRun] is on {Run.Name} and on {method.Name}: one method is the run method");
            }
            else
            {
                Check(method, "WorkflowRun", mustReturnTask: true);
                Run = method;
            }
        }

        if (Run is null && _problems.Count == 0)
        {
            _problems.Add("no method has [WorkflowRun]");
        }
        else if (Run is not null && attribute.Dynamic && !WorkflowDefinition.TakesRawValues(Run, withName: false))
        {
            _problems.Add($"the run method of a dynamic workflow takes one IRawValue[]: {Run.Name}");
        }
    }

    private void ReadDynamicOptions(WorkflowAttribute attribute)
    {
        foreach (var method in MethodsOf(_type).Where(static m => m.GetCustomAttribute<WorkflowDynamicOptionsAttribute>(false) is not null))
        {
            Check(method, "WorkflowDynamicOptions", mustReturnTask: false);
            if (!attribute.Dynamic)
            {
                _problems.Add($"[WorkflowDynamicOptions] {method.Name} is for dynamic workflows only");
            }

            if (method.ReturnType != typeof(WorkflowDefinitionOptions) || method.GetParameters().Length > 0)
            {
                _problems.Add($"[WorkflowDynamicOptions] {method.Name} must take nothing and return WorkflowDefinitionOptions");
            }

            if (DynamicOptions is not null)
            {
                _problems.Add($"[WorkflowDynamicOptions] is on {DynamicOptions.Name} and on {method.Name}");
            }

            DynamicOptions = method;
        }
    }

    private void ReadHandlers()
    {
        var validators = new Dictionary<string, MethodInfo>(StringComparer.Ordinal);
        foreach (var method in MethodsOf(_type))
        {
            if (method.GetCustomAttribute<WorkflowUpdateValidatorAttribute>(false) is { } validator)
            {
                CheckValidator(method);
                if (!validators.TryAdd(validator.UpdateMethod, method))
                {
                    _problems.Add($"update method {validator.UpdateMethod} has two validators");
                }
            }
        }

        foreach (var method in MethodsOf(_type))
        {
            CheckOverride<WorkflowSignalAttribute>(method, "WorkflowSignal");
            CheckOverride<WorkflowQueryAttribute>(method, "WorkflowQuery");
            CheckOverride<WorkflowUpdateAttribute>(method, "WorkflowUpdate");
            ReadSignal(method);
            ReadUpdate(method, validators);
            if (method.GetCustomAttribute<WorkflowQueryAttribute>(false) is { } query)
            {
                AddQuery(method, method, query);
            }
        }

        _problems.AddRange(validators.Keys.Select(static name => $"[WorkflowUpdateValidator] names {name}, which is no update method"));
        foreach (var property in _type.GetProperties(All))
        {
            if (property.GetCustomAttribute<WorkflowQueryAttribute>(false) is { } query)
            {
                if (query.Dynamic)
                {
                    _problems.Add($"[WorkflowQuery] property {property.Name} can't be dynamic: it takes no name");
                }
                else if (property.GetMethod is { IsPublic: true } getter)
                {
                    AddQuery(property, getter, query);
                }
                else
                {
                    _problems.Add($"[WorkflowQuery] property {property.Name} needs a public getter");
                }
            }
        }
    }

    private void ReadSignal(MethodInfo method)
    {
        if (method.GetCustomAttribute<WorkflowSignalAttribute>(false) is not { } attribute)
        {
            return;
        }

        Check(method, "WorkflowSignal", mustReturnTask: true);
        if (method.ReturnType != typeof(Task))
        {
            _problems.Add($"[WorkflowSignal] {method.Name} must return Task");
        }

        CheckDynamic(method, attribute.Dynamic, attribute.Name, "WorkflowSignal");
        var signal = WorkflowSignalDefinition.Of(method, attribute);
        if (signal.Name is null ? DynamicSignal is not null : !_signals.TryAdd(signal.Name, signal))
        {
            _problems.Add($"signal '{signal.Name ?? "(dynamic)"}' has two handlers");
        }

        DynamicSignal ??= signal.Name is null ? signal : null;
    }

    private void ReadUpdate(MethodInfo method, Dictionary<string, MethodInfo> validators)
    {
        if (method.GetCustomAttribute<WorkflowUpdateAttribute>(false) is not { } attribute)
        {
            return;
        }

        Check(method, "WorkflowUpdate", mustReturnTask: true);
        CheckDynamic(method, attribute.Dynamic, attribute.Name, "WorkflowUpdate");
        validators.Remove(method.Name, out var validator);
        if (validator is not null && !validator.GetParameters().Select(static p => p.ParameterType).SequenceEqual(method.GetParameters().Select(static p => p.ParameterType)))
        {
            _problems.Add($"validator {validator.Name} must take the parameters of {method.Name}");
        }

        var update = WorkflowUpdateDefinition.Of(method, attribute, validator);
        if (update.Name is null ? DynamicUpdate is not null : !_updates.TryAdd(update.Name, update))
        {
            _problems.Add($"update '{update.Name ?? "(dynamic)"}' has two handlers");
        }

        DynamicUpdate ??= update.Name is null ? update : null;
    }

    private void AddQuery(MemberInfo member, MethodInfo method, WorkflowQueryAttribute attribute)
    {
        Check(method, "WorkflowQuery", mustReturnTask: false);
        if (method.ReturnType == typeof(void) || typeof(Task).IsAssignableFrom(method.ReturnType))
        {
            _problems.Add($"[WorkflowQuery] {member.Name} must return a value at once: not void, not a Task");
        }

        CheckDynamic(method, attribute.Dynamic, attribute.Name, "WorkflowQuery");
        var query = WorkflowQueryDefinition.Of(member, method, attribute);
        if (query.Name is null ? DynamicQuery is not null : !_queries.TryAdd(query.Name, query))
        {
            _problems.Add($"query '{query.Name ?? "(dynamic)"}' has two handlers");
        }

        DynamicQuery ??= query.Name is null ? query : null;
    }

    private void ReadConstructors(Func<object?[], object>? creator)
    {
        Creator = creator;
        if (_type.IsAbstract || _type.IsInterface)
        {
            return;
        }

        ConstructorInfo? init = null;
        foreach (var constructor in _type.GetConstructors(All & ~BindingFlags.Static).Where(static c => c.GetCustomAttribute<WorkflowInitAttribute>() is not null))
        {
            if (init is not null)
            {
                _problems.Add("two constructors have [WorkflowInit]");
            }

            if (!constructor.IsPublic)
            {
                _problems.Add("[WorkflowInit] is on a constructor that is not public");
            }
            else if (Run is not null && !constructor.GetParameters().Select(static p => p.ParameterType).SequenceEqual(Run.GetParameters().Select(static p => p.ParameterType)))
            {
                _problems.Add($"the [WorkflowInit] constructor must take the parameters of {Run.Name}");
            }

            init = constructor;
        }

        if (init is not null && creator is not null)
        {
            _problems.Add("it has a [WorkflowInit] constructor, which a creator would pass by");
        }
        else if (init is not null)
        {
            var invoker = ConstructorInvoker.Create(init);
            Creator = args => invoker.Invoke(args.AsSpan());
        }
        else if (creator is null && (_type.IsValueType || _type.GetConstructor(Type.EmptyTypes) is not null))
        {
            Creator = _ => Activator.CreateInstance(_type)!;
        }
        else if (creator is null)
        {
            _problems.Add("it needs a public constructor without parameters, or one with [WorkflowInit]");
        }
    }

    private static void CheckName(string? name, string what, List<string> problems)
    {
        if (MemberNames.IsReserved(name))
        {
            problems.Add($"the name '{name}' of {what} begins with {MemberNames.ReservedPrefix}, which is reserved");
        }
        else if (name is { Length: 0 })
        {
            problems.Add($"the name of {what} is empty");
        }
    }

    private void CheckOverride<TAttribute>(MethodInfo method, string attribute)
        where TAttribute : Attribute
    {
        if (method.GetCustomAttribute<TAttribute>(false) is null
            && method.GetBaseDefinition() is { } first && first != method
            && first.GetCustomAttribute<TAttribute>(false) is not null)
        {
            _problems.Add($"[{attribute}] on {first.DeclaringType?.Name}.{first.Name} must be repeated on its override in {method.DeclaringType?.Name}");
        }
    }

    private void Check(MethodInfo method, string attribute, bool mustReturnTask)
    {
        if (method.ContainsGenericParameters)
        {
            _problems.Add($"[{attribute}] {method.Name} must not have type parameters");
        }

        if (!method.IsPublic)
        {
            _problems.Add($"[{attribute}] {method.Name} must be public");
        }

        if (method.IsStatic)
        {
            _problems.Add($"[{attribute}] {method.Name} must not be static");
        }

        if (mustReturnTask && !typeof(Task).IsAssignableFrom(method.ReturnType))
        {
            _problems.Add($"[{attribute}] {method.Name} must return a Task");
        }
    }

    private void CheckValidator(MethodInfo method)
    {
        Check(method, "WorkflowUpdateValidator", mustReturnTask: false);
        if (method.ReturnType != typeof(void))
        {
            _problems.Add($"[WorkflowUpdateValidator] {method.Name} must return void");
        }
    }

    private void CheckDynamic(MethodInfo method, bool dynamic, string? name, string attribute)
    {
        CheckName(name, method.Name, _problems);
        if (dynamic && name is not null)
        {
            _problems.Add($"[{attribute}] {method.Name} has a name and is dynamic");
        }

        if (dynamic && !WorkflowDefinition.TakesRawValues(method, withName: true))
        {
            _problems.Add($"[{attribute}] {method.Name} is dynamic: it takes (string name, IRawValue[] args)");
        }
    }
}
