namespace Serverless.Activities;

/// <summary>Marks a method as an activity. It is named like the method, without "Async" at the end if it returns a task.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class ActivityAttribute : Attribute
{
    /// <summary>Uses the default name.</summary>
    public ActivityAttribute()
    {
    }

    /// <summary>Gives a name.</summary>
    /// <param name="name">The activity type.</param>
    public ActivityAttribute(string name) => Name = name;

    /// <summary>The activity type; null for the default.</summary>
    public string? Name { get; }

    /// <summary>True: takes every activity type that has no method of its own. Its only parameter is an array of <see cref="Converters.IRawValue"/>.</summary>
    public bool Dynamic { get; set; }
}
