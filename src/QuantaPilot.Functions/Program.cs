using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using QuantaPilot.Functions;
using QuantaPilot.Functions.Settings;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddQuantaPilot(AppSettings.Read(builder.Configuration));
await builder.Build().RunAsync();
