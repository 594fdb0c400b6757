using System.Runtime.InteropServices;

namespace QuantaPilot.Integrations.Git.WorkTrees;

/// <summary>
/// What git's index notes of a file, to see later without reading it whether it has changed: when its status and its contents
/// were changed last, where it lies, whose it is, and how long it is.
/// </summary>
internal readonly record struct FileStatus(
    (uint Seconds, uint Nanoseconds) Changed,
    (uint Seconds, uint Nanoseconds) Modified,
    uint Device,
    uint Inode,
    uint User,
    uint Group,
    uint Size)
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    /// <summary>
    /// Of a file or link at a path; nothing but zeros where the system does not tell, in which case git reads the file to see.
    /// </summary>
    public static FileStatus Of(string path)
    {
        if (!OperatingSystem.IsLinux() || statx(CurrentDirectory, path, NoFollow, BasicStats, out var status) != 0) return default;
        return new FileStatus(
            ((uint)status.Changed.Seconds, status.Changed.Nanoseconds),
            ((uint)status.Modified.Seconds, status.Modified.Nanoseconds),
            // As the system's own stat packs them.
            (status.DeviceMinor & 0xff) | (status.DeviceMajor << 8) | ((status.DeviceMinor & ~0xffu) << 12),
            (uint)status.Inode,
            status.User,
            status.Group,
            (uint)status.Size);
    }

    // .NET itself tells neither inode nor owner. Unlike stat, statx has one layout on all processors.
    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(
        int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Statx status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(0x14)] public uint User;
        [FieldOffset(0x18)] public uint Group;
        [FieldOffset(0x20)] public ulong Inode;
        [FieldOffset(0x28)] public ulong Size;
        [FieldOffset(0x60)] public Timestamp Changed;
        [FieldOffset(0x70)] public Timestamp Modified;
        [FieldOffset(0x88)] public uint DeviceMajor;
        [FieldOffset(0x8c)] public uint DeviceMinor;
    }

    [StructLayout(LayoutKind.Explicit, Size = 16)]
    private struct Timestamp
    {
        [FieldOffset(0)] public long Seconds;
        [FieldOffset(8)] public uint Nanoseconds;
    }
}
