namespace Serverless.Common;

/// <summary>A thing that is measured.</summary>
public abstract class Metric
{
    private protected Metric(string name, string? unit, string? description)
    {
        Name = name;
        Unit = unit;
        Description = description;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Unit of its values; null for none.</summary>
    public string? Unit { get; }

    /// <summary>What it says; null for nothing.</summary>
    public string? Description { get; }
}

/// <summary>A thing that is measured.</summary>
/// <typeparam name="T">Type of its values: a whole or floating-point number; histograms take time spans too.</typeparam>
public abstract class Metric<T> : Metric
    where T : struct
{
    private protected Metric(string name, string? unit, string? description)
        : base(name, unit, description)
    {
    }
}

/// <summary>A sum that only grows.</summary>
/// <typeparam name="T">Type of its values.</typeparam>
public abstract class MetricCounter<T> : Metric<T>
    where T : struct
{
    /// <summary>Creates a counter.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="description">What it says.</param>
    protected MetricCounter(string name, string? unit = null, string? description = null)
        : base(name, unit, description)
    {
    }

    /// <summary>Adds to the sum.</summary>
    /// <param name="value">Zero or more.</param>
    /// <param name="extraTags">Tags of this value.</param>
    public abstract void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    /// <summary>The same counter with tags on all values.</summary>
    /// <param name="tags">The tags.</param>
    public abstract MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>A distribution of values.</summary>
/// <typeparam name="T">Type of its values.</typeparam>
public abstract class MetricHistogram<T> : Metric<T>
    where T : struct
{
    /// <summary>Creates a histogram.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="description">What it says.</param>
    protected MetricHistogram(string name, string? unit = null, string? description = null)
        : base(name, unit, description)
    {
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">Zero or more.</param>
    /// <param name="extraTags">Tags of this value.</param>
    public abstract void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    /// <summary>The same histogram with tags on all values.</summary>
    /// <param name="tags">The tags.</param>
    public abstract MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>A value that goes up and down.</summary>
/// <typeparam name="T">Type of its values.</typeparam>
public abstract class MetricGauge<T> : Metric<T>
    where T : struct
{
    /// <summary>Creates a gauge.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unit">Its unit.</param>
    /// <param name="description">What it says.</param>
    protected MetricGauge(string name, string? unit = null, string? description = null)
        : base(name, unit, description)
    {
    }

    /// <summary>Sets the value.</summary>
    /// <param name="value">Zero or more.</param>
    /// <param name="extraTags">Tags of this value.</param>
    public abstract void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    /// <summary>The same gauge with tags on all values.</summary>
    /// <param name="tags">The tags.</param>
    public abstract MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}
