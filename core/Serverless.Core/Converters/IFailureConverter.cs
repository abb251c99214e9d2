using Serverless.History;

namespace Serverless.Converters;

/// <summary>
/// Turns exceptions into stored failures and back. Its stored form is internal to this library: choose and set up a <see cref="DefaultFailureConverter"/>.
/// </summary>
public interface IFailureConverter
{
    /// <summary>The stored form of an exception. Pure.</summary>
    internal Failure ToFailure(Exception exception, IPayloadConverter payloadConverter);

    /// <summary>The exception of a stored failure, not thrown. Pure.</summary>
    internal Exception ToException(Failure failure, IPayloadConverter payloadConverter);
}
