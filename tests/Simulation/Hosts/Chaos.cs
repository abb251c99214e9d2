namespace Serverless.Simulation.Hosts;

/// <summary>Harms processes at random moments, wherever they stand.</summary>
internal sealed class Chaos(SimWorld world, TimeSpan interval)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);
    private readonly Random _random = world.Random.Time;

    public void Begin() => world.Kernel.After(interval * (_random.NextDouble() * 2), Strike);

    private void Strike()
    {
        if (world.IsHealed)
        {
            return;
        }

        var serving = world.Processes.Where(static p => p.IsUp).ToList();
        if (serving.Count > 0)
        {
            Harm(serving[_random.Next(serving.Count)]);
        }

        Begin();
    }

    private void Harm(SimProcess process)
    {
        switch (_random.Next(4))
        {
            case 0:
                process.Crash();
                break;
            case 1:
                process.Stop();
                break;
            case 2:
                process.Pause(LongestPause * (_random.NextDouble() * _random.NextDouble()));
                break;
            default:
                Jump(process);
                break;
        }
    }

    private void Jump(SimProcess process)
    {
        process.Skew = world.Options.Skew * ((_random.NextDouble() * 2) - 1);
        if (process.Lane is { } lane)
        {
            lane.Time.Skew = process.Skew;
        }
    }
}
