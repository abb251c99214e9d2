namespace Serverless.Client.Interceptors;

/// <summary>Stands between user code and the client.</summary>
public interface IClientInterceptor
{
    /// <summary>Called once for each client.</summary>
    /// <param name="nextInterceptor">The next one towards the engine.</param>
    /// <returns>What is called in its place; it should call the next one.</returns>
    ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => nextInterceptor;
}
