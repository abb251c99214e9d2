using System.Text;
using Serverless.Exceptions;

namespace Serverless.Converters;

/// <summary>
/// Turns exceptions into stored failures and back. An exception that is no <see cref="FailureException"/> becomes a retryable application failure with the name
/// of its class as error type. Messages are cut to 4 KB and stack traces to 16 KB, so that a failure always fits.
/// </summary>
public class DefaultFailureConverter : IFailureConverter
{
    internal const int MaxMessageBytes = 4 * 1024;
    internal const int MaxStackTraceBytes = 16 * 1024;

    /// <summary>Causes beyond this depth are left out.</summary>
    internal const int MaxCauses = 20;

    private const string EncodedMessage = "Encoded failure";
    private const string SourceName = "Serverless";

    /// <summary>Creates the converter with the default settings.</summary>
    public DefaultFailureConverter()
        : this(new DefaultFailureConverterOptions())
    {
    }

    /// <summary>Creates the converter.</summary>
    /// <param name="options">Settings.</param>
    public DefaultFailureConverter(DefaultFailureConverterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = (DefaultFailureConverterOptions)options.Clone();
    }

    /// <summary>The settings. Not to be changed.</summary>
    public DefaultFailureConverterOptions Options { get; private init; }

    /// <inheritdoc/>
    public virtual Failure ToFailure(Exception exception, IPayloadConverter payloadConverter)
    {
        var failure = Describe(exception, payloadConverter, depth: 0);
        return Options.EncodeCommonAttributes ? Encode(failure) : failure;
    }

    /// <inheritdoc/>
    public virtual Exception ToException(Failure failure, IPayloadConverter payloadConverter) => Revive(failure, payloadConverter);

    private static Failure Describe(Exception exception, IPayloadConverter converter, int depth)
    {
        if (exception is FailureException { Failure: { } travelled })
        {
            return travelled;
        }

        var cause = exception.InnerException;
        return new Failure(Cut(exception.Message, MaxMessageBytes), InfoOf(exception, converter))
        {
            Source = SourceName,
            StackTrace = exception.StackTrace is { } stack ? Cut(stack, MaxStackTraceBytes) : null,
            Cause = cause is null || depth == MaxCauses ? null : Describe(cause, converter, depth + 1),
        };
    }

    private static FailureInfo InfoOf(Exception exception, IPayloadConverter converter) => exception switch
    {
        ApplicationFailureException e => new ApplicationFailureInfo(e.ErrorType, e.NonRetryable)
        {
            Details = Payloads(e.Details, converter),
            NextRetryDelay = e.NextRetryDelay,
            Category = e.Category,
        },
        CanceledFailureException e => new CanceledFailureInfo(Payloads(e.Details, converter)),
        _ => new ApplicationFailureInfo(exception.GetType().Name, NonRetryable: false),
    };

    private static IReadOnlyList<Payload> Payloads(IFailureDetails details, IPayloadConverter converter) => details switch
    {
        OutboundFailureDetails { Details: { } values } => [.. values.Select(converter.ToPayload)],
        InboundFailureDetails { Payloads: { } payloads } => [.. payloads],
        _ => [],
    };

    private static FailureException Revive(Failure failure, IPayloadConverter converter)
    {
        var inner = failure.Cause is null ? null : Revive(failure.Cause, converter);
        if (failure.EncodedAttributes is { } encoded && EncodedAttributes.TryRead(encoded) is { } common)
        {
            failure = failure with { Message = common.Message, StackTrace = common.StackTrace, EncodedAttributes = null };
        }

        if (inner is FailureException { Failure: { } cause })
        {
            failure = failure with { Cause = cause };
        }

        return failure.Info switch
        {
            ApplicationFailureInfo => new ApplicationFailureException(failure, inner, converter),
            ActivityFailureInfo => new ActivityFailureException(failure, inner),
            ChildWorkflowFailureInfo => new ChildWorkflowFailureException(failure, inner),
            CanceledFailureInfo => new CanceledFailureException(failure, inner, converter),
            TimeoutFailureInfo => new TimeoutFailureException(failure, inner, converter),
            TerminatedFailureInfo => new TerminatedFailureException(failure, inner),
            ServerFailureInfo => new ServerFailureException(failure, inner),
            _ => new FailureException(failure, inner),
        };
    }

    private static Failure Encode(Failure failure)
    {
        var cause = failure.Cause is null ? null : Encode(failure.Cause);
        return failure.EncodedAttributes is not null
            ? failure with { Cause = cause }
            : failure with
            {
                Message = EncodedMessage,
                StackTrace = null,
                EncodedAttributes = new EncodedAttributes(failure.Message, failure.StackTrace).ToPayload(),
                Cause = cause,
            };
    }

    /// <summary>The text, or as much of it as fits with a mark that it was cut.</summary>
    private static string Cut(string text, int maxBytes)
    {
        const string Mark = "… (cut)";

        // A UTF-16 unit takes at most 3 bytes: most texts need no count.
        if (text.Length * 3 <= maxBytes || Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var room = maxBytes - Encoding.UTF8.GetByteCount(Mark);
        var cut = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            cut.Append(rune.ToString());
        }

        return cut.Append(Mark).ToString();
    }
}
