namespace Serverless.History;

/// <summary>What is to be stored as one record is above the limit of all records.</summary>
internal sealed class RecordTooLargeException(string message) : ArgumentException(message);
