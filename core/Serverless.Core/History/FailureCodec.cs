using System.Diagnostics;
using Serverless.Api.Enums.V1;
using Serverless.Converters;

namespace Serverless.History;

/// <summary>Wire form of failures. A chain of causes is kept to a depth of <see cref="MaxCauses"/>; deeper causes are left out when written.</summary>
internal static class FailureCodec
{
    public const int MaxCauses = 64;

    // Failure: 1 message, 2 source, 3 stack trace, 4 cause, 5 encoded attributes, and one of 10 application, 11 time-out, 12 canceled,
    // 13 terminated, 14 server, 15 activity, 16 child workflow.
    public static void Field(this WireWriter writer, int tag, Failure? failure) => Write(writer, tag, failure, MaxCauses);

    public static Failure ReadFailure(this in WireReader field) => Read(field.Message(), MaxCauses);

    private static void Write(WireWriter writer, int tag, Failure? failure, int causesLeft)
    {
        if (failure is null)
        {
            return;
        }

        var mark = writer.Open(tag);
        writer.Field(1, failure.Message);
        writer.Field(2, failure.Source);
        writer.Field(3, failure.StackTrace);
        if (causesLeft > 0)
        {
            Write(writer, 4, failure.Cause, causesLeft - 1);
        }

        writer.Field(5, failure.EncodedAttributes);
        WriteInfo(writer, failure.Info);
        writer.Close(mark);
    }

    private static Failure Read(WireReader reader, int causesLeft)
    {
        var message = "";
        string? source = null;
        string? stackTrace = null;
        Failure? cause = null;
        Payload? encoded = null;
        FailureInfo? info = null;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: message = reader.Text(); break;
                case 2: source = reader.Name(); break;
                case 3: stackTrace = reader.Text(); break;
                case 4:
                    cause = causesLeft > 0 ? Read(reader.Message(), causesLeft - 1) : throw WireReader.Damaged($"has more than {MaxCauses} nested causes");
                    break;
                case 5: encoded = reader.ReadPayload(); break;
                case >= 10: info = ReadInfo(tag, reader) ?? info; break;
            }
        }

        return new Failure(message, info ?? throw new InvalidDataException("A failure is of no kind that is known here: it was written by a newer release, or is damaged."))
        {
            Source = source,
            StackTrace = stackTrace,
            Cause = cause,
            EncodedAttributes = encoded,
        };
    }

    private static void WriteInfo(WireWriter writer, FailureInfo info)
    {
        var mark = writer.Open(info switch
        {
            ApplicationFailureInfo => 10,
            TimeoutFailureInfo => 11,
            CanceledFailureInfo => 12,
            TerminatedFailureInfo => 13,
            ServerFailureInfo => 14,
            ActivityFailureInfo => 15,
            ChildWorkflowFailureInfo => 16,
            _ => throw new UnreachableException(),
        });
        switch (info)
        {
            case ApplicationFailureInfo application:
                writer.Field(1, application.Type);
                writer.Field(2, application.NonRetryable);
                writer.Field(3, application.Details);
                writer.Field(4, application.NextRetryDelay);
                writer.Field(5, (long)application.Category);
                break;
            case TimeoutFailureInfo timeout:
                writer.Field(1, (long)timeout.Type);
                writer.Field(2, timeout.LastHeartbeatDetails);
                break;
            case CanceledFailureInfo canceled:
                writer.Field(1, canceled.Details);
                break;
            case ServerFailureInfo server:
                writer.Field(1, server.NonRetryable);
                break;
            case ActivityFailureInfo activity:
                writer.Field(1, activity.ScheduledEventId);
                writer.Field(2, activity.ActivityType);
                writer.Field(3, activity.ActivityId);
                writer.Field(4, activity.Identity);
                writer.Field(5, (long)activity.RetryState);
                break;
            case ChildWorkflowFailureInfo child:
                writer.Field(1, child.Namespace);
                writer.Field(2, child.WorkflowId);
                writer.Field(3, child.RunId);
                writer.Field(4, child.WorkflowType);
                writer.Field(5, child.InitiatedEventId);
                writer.Field(6, (long)child.RetryState);
                break;
        }

        writer.Close(mark);
    }

    private static FailureInfo? ReadInfo(int kind, in WireReader field) => kind switch
    {
        10 => ReadApplication(field.Message()),
        11 => ReadTimeout(field.Message()),
        12 => ReadCanceled(field.Message()),
        13 => new TerminatedFailureInfo(),
        14 => ReadServer(field.Message()),
        15 => ReadActivity(field.Message()),
        16 => ReadChild(field.Message()),
        _ => null,
    };

    private static ApplicationFailureInfo ReadApplication(WireReader reader)
    {
        string? type = null;
        var nonRetryable = false;
        List<Payload>? details = null;
        TimeSpan? delay = null;
        var category = 0;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: type = reader.Name(); break;
                case 2: nonRetryable = reader.Flag(); break;
                case 3: reader.ReadInto(ref details); break;
                case 4: delay = reader.Duration(); break;
                case 5: category = reader.Int(); break;
            }
        }

        return new ApplicationFailureInfo(type, nonRetryable)
        {
            Details = details.OrEmpty(),
            NextRetryDelay = delay,
            Category = (ApplicationErrorCategory)category,
        };
    }

    private static TimeoutFailureInfo ReadTimeout(WireReader reader)
    {
        var type = 0;
        List<Payload>? details = null;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: type = reader.Int(); break;
                case 2: reader.ReadInto(ref details); break;
            }
        }

        return new TimeoutFailureInfo((TimeoutType)type) { LastHeartbeatDetails = details.OrEmpty() };
    }

    private static CanceledFailureInfo ReadCanceled(WireReader reader)
    {
        List<Payload>? details = null;
        while (reader.TryNext(out var tag))
        {
            if (tag == 1)
            {
                reader.ReadInto(ref details);
            }
        }

        return new CanceledFailureInfo(details.OrEmpty());
    }

    private static ServerFailureInfo ReadServer(WireReader reader)
    {
        var nonRetryable = false;
        while (reader.TryNext(out var tag))
        {
            nonRetryable = tag == 1 ? reader.Flag() : nonRetryable;
        }

        return new ServerFailureInfo(nonRetryable);
    }

    private static ActivityFailureInfo ReadActivity(WireReader reader)
    {
        long scheduled = 0;
        var type = "";
        var id = "";
        string? identity = null;
        var state = 0;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: scheduled = reader.Signed(); break;
                case 2: type = reader.Name(); break;
                case 3: id = reader.Text(); break;
                case 4: identity = reader.Name(); break;
                case 5: state = reader.Int(); break;
            }
        }

        return new ActivityFailureInfo(scheduled, type, id, identity, (RetryState)state);
    }

    private static ChildWorkflowFailureInfo ReadChild(WireReader reader)
    {
        var space = "";
        var workflowId = "";
        var runId = "";
        var type = "";
        long initiated = 0;
        var state = 0;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: space = reader.Name(); break;
                case 2: workflowId = reader.Text(); break;
                case 3: runId = reader.Text(); break;
                case 4: type = reader.Name(); break;
                case 5: initiated = reader.Signed(); break;
                case 6: state = reader.Int(); break;
            }
        }

        return new ChildWorkflowFailureInfo(space, workflowId, runId, type, initiated, (RetryState)state);
    }
}
