namespace Serverless.Tests.Behaviour;

/// <summary>Activities that take time: that of the test's clock.</summary>
public abstract class Timed
{
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    protected Task PassAsync(TimeSpan time, CancellationToken cancellationToken = default) => Task.Delay(time, Clock, cancellationToken);
}
