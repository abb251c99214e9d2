using Serverless.Engine;

namespace Serverless.Functions.Hosting;

/// <summary>The registered code of the application.</summary>
internal sealed record ApplicationCode(WorkflowTypeList WorkflowTypes, Func<ICodeRunner, EngineCode> Create);
