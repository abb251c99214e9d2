using Serverless.Common;
using Serverless.Workflows;

namespace Serverless.App.Workflows;

/// <summary>What a customer subscribed to. The durations are seconds, so that a demonstration need not take months.</summary>
/// <param name="Customer">The account that pays.</param>
/// <param name="Price">What is charged each time.</param>
/// <param name="TrialSeconds">Free time at the beginning. Default 30 days.</param>
/// <param name="PeriodSeconds">Time from charge to charge. Default 30 days.</param>
/// <param name="MaxPeriods">Charges after which the subscription ends. Default: it goes on until it is cancelled.</param>
/// <param name="Charged">Charges of earlier runs of the same subscription.</param>
internal sealed record SubscriptionRequest(
    string Customer, decimal Price, double TrialSeconds = 2_592_000, double PeriodSeconds = 2_592_000, int? MaxPeriods = null, int Charged = 0);

/// <summary>How a subscription ended.</summary>
internal sealed record SubscriptionResult(string Customer, int Charges, bool WasCancelled);

/// <summary>Waits out the trial, then charges period after period for as long as the customer stays: a loop with a timer, for years if need be.</summary>
[Workflow("Subscription")]
internal sealed class SubscriptionWorkflow
{
    private static readonly ActivityOptions _options = new()
    {
        StartToCloseTimeout = TimeSpan.FromSeconds(30),
        RetryPolicy = new RetryPolicy { NonRetryableErrorTypes = ["InsufficientFunds"] },
    };

    private int _charges;

    [WorkflowQuery("charges")]
    public int Charges => _charges;

    [WorkflowRun]
    public async Task<SubscriptionResult> RunAsync(SubscriptionRequest request)
    {
        _charges = request.Charged;
        try
        {
            if (_charges == 0)
            {
                await Workflow.DelayAsync(TimeSpan.FromSeconds(request.TrialSeconds));
            }

            while (_charges < (request.MaxPeriods ?? int.MaxValue))
            {
                var key = $"{Workflow.Info.WorkflowId}-{Workflow.Info.FirstExecutionRunId}-{_charges}";
                await Workflow.ExecuteActivityAsync(
                    (AccountActivities bank) => bank.Withdraw(request.Customer, request.Price, key, TransferFault.None), _options);
                _charges++;
                await Workflow.DelayAsync(TimeSpan.FromSeconds(request.PeriodSeconds));
                if (Workflow.ContinueAsNewSuggested)
                {
                    var rest = request with { Charged = _charges };
                    throw Workflow.CreateContinueAsNewException((SubscriptionWorkflow w) => w.RunAsync(rest));
                }
            }

            return new SubscriptionResult(request.Customer, _charges, WasCancelled: false);
        }
        catch (OperationCanceledException)
        {
            return new SubscriptionResult(request.Customer, _charges, WasCancelled: true);
        }
    }
}
