using Serverless.Activities;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>All ways to call an activity and to define one.</summary>
[TestClass]
public sealed class ActivityCallTests
{
    private static readonly ActivityOptions Options = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

    private static readonly LocalActivityOptions Local = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

    [TestMethod]
    public async Task Every_form_of_call_reaches_its_activity()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Forms()).Add("w", async () =>
            {
                var results = new List<object?>
                {
                    await Workflow.ExecuteActivityAsync(() => Forms.StaticValue(1), Options),
                    await Workflow.ExecuteActivityAsync(() => Forms.StaticValueAsync(2), Options),
                    await Workflow.ExecuteActivityAsync((Forms f) => f.Value(3), Options),
                    await Workflow.ExecuteActivityAsync((Forms f) => f.ValueAsync(4), Options),
                    await Workflow.ExecuteActivityAsync<int>("Value", [5], Options),
                };
                await Workflow.ExecuteActivityAsync(() => Forms.StaticVoid("6"), Options);
                await Workflow.ExecuteActivityAsync(() => Forms.StaticTaskAsync("7"), Options);
                await Workflow.ExecuteActivityAsync((Forms f) => f.Void("8"), Options);
                await Workflow.ExecuteActivityAsync((Forms f) => f.TaskAsync("9"), Options);
                await Workflow.ExecuteActivityAsync("Void", ["10"], Options);
                return string.Join(" ", results);
            }),
            async run =>
            {
                Forms.StaticCalls.Clear();
                Assert.AreEqual("1 2 3 4 5", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual("6 7", string.Join(" ", Forms.StaticCalls));
                Assert.AreEqual("8 9 10", string.Join(" ", run.The<Forms>().Calls));
                Assert.AreEqual(
                    "StaticValue StaticValue2 Value ValueLater Value StaticVoid StaticTask Void Task Void",
                    string.Join(" ", (await run.EventsAsync<ActivityScheduled>("w")).Select(static a => a.ActivityType)));
            });
    }

    [TestMethod]
    public async Task Every_form_of_local_call_reaches_its_activity()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Forms()).Add("w", async () =>
            {
                var results = new List<object?>
                {
                    await Workflow.ExecuteLocalActivityAsync(() => Forms.StaticValue(1), Local),
                    await Workflow.ExecuteLocalActivityAsync(() => Forms.StaticValueAsync(2), Local),
                    await Workflow.ExecuteLocalActivityAsync((Forms f) => f.Value(3), Local),
                    await Workflow.ExecuteLocalActivityAsync((Forms f) => f.ValueAsync(4), Local),
                    await Workflow.ExecuteLocalActivityAsync<int>("Value", [5], Local),
                };
                await Workflow.ExecuteLocalActivityAsync(() => Forms.StaticVoid("6"), Local);
                await Workflow.ExecuteLocalActivityAsync(() => Forms.StaticTaskAsync("7"), Local);
                await Workflow.ExecuteLocalActivityAsync((Forms f) => f.Void("8"), Local);
                await Workflow.ExecuteLocalActivityAsync((Forms f) => f.TaskAsync("9"), Local);
                await Workflow.ExecuteLocalActivityAsync("Void", ["10"], Local);
                return string.Join(" ", results);
            }),
            async run =>
            {
                Forms.StaticCalls.Clear();
                Assert.AreEqual("1 2 3 4 5", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual("6 7", string.Join(" ", Forms.StaticCalls));
                Assert.AreEqual("8 9 10", string.Join(" ", run.The<Forms>().Calls));
                Assert.IsTrue((await run.EventsAsync<ActivityScheduled>("w")).All(static a => a.IsLocal));
            });
    }

    [TestMethod]
    public async Task Missing_arguments_take_their_defaults_and_surplus_ones_are_ignored()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Forms()).Add("w", async () =>
            {
                var one = await Workflow.ExecuteActivityAsync<string>("Defaults", [1], Options);
                var many = await Workflow.ExecuteActivityAsync<string>("Defaults", [1, "x", 3, 4, 5], Options);
                var failure = await Script.FailureOf(Workflow.ExecuteActivityAsync("Defaults", [], new()
                {
                    StartToCloseTimeout = TimeSpan.FromMinutes(1),
                    RetryPolicy = new() { MaximumAttempts = 1 },
                }));
                return $"{one} | {many} | {failure!.InnerException!.Message}";
            }),
            async run => Assert.AreEqual("1 none 0 | 1 x 3 | Activity Defaults needs 1 arguments, got 0.", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Dynamic_activity_takes_what_nobody_else_does_and_raw_values()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Forms()).AddActivities(new AnyName()).Add("w", async () =>
            {
                var named = await Workflow.ExecuteActivityAsync<int>("Value", [5], Options);
                var dynamic = await Workflow.ExecuteActivityAsync<string>("Whatever", [7, "seven"], Options);
                var raw = await Workflow.ExecuteActivityAsync<IRawValue>("Other", [1, "one"], Options);
                return $"{named} | {dynamic} | {Workflow.PayloadConverter.ToValue<string>(raw)}";
            }),
            async run => Assert.AreEqual("5 | Whatever 7 seven | Other 1 one", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Definitions_made_by_hand_are_called_like_all_others()
    {
        await Behaviour.Run(
            setup =>
            {
                [Activity("lambda")]
                static string Lambda(string text) => $"lambda {text}";
                setup.Code
                    .AddActivity(ActivityDefinition.Create(Lambda))
                    .AddActivity(ActivityDefinition.Create(typeof(Forms).GetMethod(nameof(Forms.StaticValue))!, static args => 10 * (int)args[0]!))
                    .AddActivity(ActivityDefinition.Create("bare", typeof(string), [typeof(int), typeof(int)], 1, static args => $"bare {args[0]} {args[1] ?? "nothing"}"))
                    .AddActivity(ActivityDefinition.CreateWithoutAttribute("plain", typeof(string).GetMethod(nameof(string.Concat), [typeof(string), typeof(string)])!,
                        static args => $"{args[0]}{args[1]}"));
                setup.Add("w", async () => string.Join(
                    " | ",
                    await Workflow.ExecuteActivityAsync<string>("lambda", ["x"], Options),
                    await Workflow.ExecuteActivityAsync<int>("StaticValue", [4], Options),
                    await Workflow.ExecuteActivityAsync<string>("bare", [1], Options),
                    await Workflow.ExecuteActivityAsync<string>("plain", ["a", "b"], Options)));
            },
            async run => Assert.AreEqual("lambda x | 40 | bare 1 nothing | ab", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Definitions_say_what_they_are()
    {
        var all = ActivityDefinition.CreateAll(new Forms()).ToDictionary(static d => d.Name ?? "(dynamic)");
        var defaults = all["Defaults"];
        Assert.AreEqual(typeof(string), defaults.ReturnType);
        CollectionAssert.AreEqual(new[] { typeof(int), typeof(string), typeof(int) }, defaults.ParameterTypes.ToList());
        Assert.AreEqual(1, defaults.RequiredParameterCount);
        Assert.IsFalse(defaults.Dynamic);
        Assert.AreEqual(nameof(Forms.Defaults), defaults.MethodInfo!.Name);
        Assert.AreEqual("1 x 2", await defaults.InvokeAsync([1, "x", 2]));
        Type type = new AnyName().GetType();
        Assert.IsTrue(ActivityDefinition.CreateAll(type, new AnyName()).Single().Dynamic);
        Assert.AreEqual("ValueLater", typeof(Forms).GetMethod(nameof(Forms.ValueAsync))!.GetCustomAttributes(false).OfType<ActivityAttribute>().Single().Name);
    }

    [TestMethod]
    public async Task Activity_that_nobody_has_is_retried_until_somebody_has_it()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Forms()).Add("w", async () =>
            {
                var failure = await Script.FailureOf(Workflow.ExecuteActivityAsync("Nobody", [], new()
                {
                    ScheduleToCloseTimeout = TimeSpan.FromMinutes(1),
                    RetryPolicy = new() { MaximumAttempts = 2 },
                }));
                return failure!.InnerException!.Message;
            }),
            async run =>
            {
                Assert.Contains("has no activity 'Nobody'", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(2, (await run.EventsAsync<ActivityFailed>("w")).Single().Attempt);
            });
    }

    [TestMethod]
    public async Task Result_that_can_not_be_read_is_an_error_of_the_code()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Forms()).Add("w", async () =>
            {
                var failure = await Script.FailureOf(Workflow.ExecuteActivityAsync<DateTime>("Value", [1], Options));
                return failure is FailureException ? "failure" : failure is null ? "read" : "error";
            }),
            async run => Assert.AreEqual("error", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Null_records_and_bytes_travel_both_ways()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Forms()).Add("w", async () =>
            {
                var nothing = await Workflow.ExecuteActivityAsync((Forms f) => f.Echo(null), Options);
                var parcel = new Parcel("p", [1, 2, 3], new() { ["k"] = 2.5 });
                var something = await Workflow.ExecuteActivityAsync((Forms f) => f.Echo(parcel), Options);
                return $"{nothing?.Name ?? "null"} {something!.Name} {something.Data.Sum(static b => b)} {something.Weights["k"]}";
            }),
            async run => Assert.AreEqual("null p 6 2.5", await run.ExecuteAsync<string>("w")));
    }

    public sealed record Parcel(string Name, byte[] Data, Dictionary<string, double> Weights);

    public sealed class Forms
    {
        public static List<string> StaticCalls { get; } = [];

        public List<string> Calls { get; } = [];

        [Activity]
        public static int StaticValue(int value) => value;

        [Activity("StaticValue2")]
        public static Task<int> StaticValueAsync(int value) => Task.FromResult(value);

        [Activity]
        public static void StaticVoid(string what) => StaticCalls.Add(what);

        [Activity]
        public static Task StaticTaskAsync(string what)
        {
            StaticCalls.Add(what);
            return Task.CompletedTask;
        }

        [Activity]
        public int Value(int value) => value;

        [Activity("ValueLater")]
        public async Task<int> ValueAsync(int value)
        {
            await Task.Yield();
            return value;
        }

        [Activity]
        public void Void(string what) => Calls.Add(what);

        [Activity]
        public async Task TaskAsync(string what)
        {
            await Task.Yield();
            Calls.Add(what);
        }

        [Activity]
        public string Defaults(int first, string second = "none", int third = 0) => $"{first} {second} {third}";

        [Activity]
        public Parcel? Echo(Parcel? parcel) => parcel;
    }

    public sealed class AnyName
    {
        [Activity(Dynamic = true)]
        public string Any(IRawValue[] args) => string.Join(" ", args
            .Select(static a => ActivityExecutionContext.Current.PayloadConverter.ToValue<object>(a)).Prepend(ActivityExecutionContext.Current.Info.ActivityType));
    }
}
