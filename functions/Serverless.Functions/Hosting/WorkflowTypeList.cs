namespace Serverless.Functions.Hosting;

/// <summary>The workflow types of this process.</summary>
/// <param name="Names">Their names, sorted.</param>
/// <param name="HasDynamic">True when a dynamic workflow takes every other name.</param>
internal sealed record WorkflowTypeList(IReadOnlyList<string> Names, bool HasDynamic);
