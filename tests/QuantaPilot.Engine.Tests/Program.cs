using QuantaPilot.Engine;
using QuantaPilot.Engine.Storage;

// Run by SecondProcessTests as another process: opens the file that is named, and says how that went.
try
{
    using var file = SqliteFile.Open(args[0], EmbeddedEngine.Schema);
    Console.WriteLine("opened");
    return 0;
}
catch (SqliteFileException e)
{
    Console.WriteLine(e.Message);
    return 1;
}
