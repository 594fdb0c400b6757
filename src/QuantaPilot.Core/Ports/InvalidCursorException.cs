namespace QuantaPilot.Core.Ports;

/// <summary>A cursor that no page of this store has handed out.</summary>
public sealed class InvalidCursorException() : Exception("The cursor is not one that a page of this list has handed out.");
