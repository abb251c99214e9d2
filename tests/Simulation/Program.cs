using Serverless.Simulation.Modes;

return await Commands.Create().Parse(args).InvokeAsync();
