using Serverless.Api.Enums.V1;

namespace Serverless.Exceptions;

/// <summary>An activity failed for good, as its workflow sees it. <see cref="Exception.InnerException"/> is what really happened.</summary>
public class ActivityFailureException : FailureException
{
    private readonly ActivityFailureInfo _info;

    internal ActivityFailureException(Failure failure, Exception? inner)
        : base(failure, inner) => _info = Facts<ActivityFailureInfo>(failure);

    /// <summary>The process that ran the last attempt; null when not known.</summary>
    public string? Identity => string.IsNullOrEmpty(_info.Identity) ? null : _info.Identity;

    /// <summary>Type of the activity.</summary>
    public string ActivityType => _info.ActivityType;

    /// <summary>Id of the activity within its run.</summary>
    public string ActivityId => _info.ActivityId;

    /// <summary>Why it was not retried any more.</summary>
    public RetryState RetryState => _info.RetryState;
}
