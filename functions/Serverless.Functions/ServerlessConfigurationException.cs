namespace Serverless.Functions;

/// <summary>A setting is missing, unknown or impossible. The message names the key and says what to write instead.</summary>
public sealed class ServerlessConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="key">The configuration key, such as <c>Serverless:Hub</c>.</param>
    /// <param name="message">What is wrong with it and what to write instead.</param>
    public ServerlessConfigurationException(string key, string message)
        : base($"Setting '{key}': {message}") => Key = key;

    /// <summary>The configuration key at fault.</summary>
    public string Key { get; }
}
