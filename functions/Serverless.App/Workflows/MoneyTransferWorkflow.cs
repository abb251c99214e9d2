using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.App.Workflows;

/// <summary>Moves money from one account to another: both bookings happen, or neither.</summary>
[Workflow("MoneyTransfer")]
internal sealed class MoneyTransferWorkflow
{
    private static readonly ActivityOptions _options = new()
    {
        StartToCloseTimeout = TimeSpan.FromSeconds(10),
        RetryPolicy = new RetryPolicy { InitialInterval = TimeSpan.FromMilliseconds(200), MaximumInterval = TimeSpan.FromSeconds(10) },
    };

    [WorkflowRun]
    public async Task<TransferResult> RunAsync(TransferRequest request)
    {
        if (request.Amount <= 0)
        {
            throw new ApplicationFailureException("The amount must be above zero.", errorType: "InvalidAmount", nonRetryable: true);
        }

        var run = Workflow.Info.RunId;
        var fromBalance = await Workflow.ExecuteActivityAsync(
            (AccountActivities bank) => bank.Withdraw(request.From, request.Amount, $"{run}-withdraw", request.Fault), _options);
        try
        {
            var toBalance = await Workflow.ExecuteActivityAsync(
                (AccountActivities bank) => bank.Deposit(request.To, request.Amount, $"{run}-deposit", request.Fault), _options);
            return new TransferResult(TransferStatus.Completed, request.Amount, fromBalance, toBalance);
        }
        catch (ActivityFailureException e)
        {
            // Without the workflow's token: the money must go back even when the transfer is being cancelled.
            var undo = new ActivityOptions { StartToCloseTimeout = _options.StartToCloseTimeout, RetryPolicy = _options.RetryPolicy, CancellationToken = CancellationToken.None };
            var returned = await Workflow.ExecuteActivityAsync(
                (AccountActivities bank) => bank.Deposit(request.From, request.Amount, $"{run}-compensate", TransferFault.None), undo);
            return new TransferResult(TransferStatus.Compensated, request.Amount, returned, null, e.InnerException?.Message ?? e.Message);
        }
    }
}
