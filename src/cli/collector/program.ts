// The C# part of the collector: asks Windows and writes the lines of a snapshot. C# 2 only, since PowerShell 2.0 compiles
// it with the compiler of .NET 2.0. Layouts as in formats/class22.ts; the lines are those of formats/collector.ts.

import { COLLECTOR_BESIDE } from "./beside.ts";

export const COLLECTOR_PROGRAM = String.raw`using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Poolscope
{
    public class Collector
    {
        [DllImport("ntdll.dll")]
        private static extern uint NtQuerySystemInformation(int kind, IntPtr buffer, int length, out int needed);
        [DllImport("ntdll.dll")]
        private static extern uint RtlGetVersion(IntPtr info);

        private const uint InvalidInfoClass = 0xC0000003;
        private const uint InfoLengthMismatch = 0xC0000004;
        private const int LastBuildWithoutWide = 26200;
        private const int FullEvery = 60;

        private struct Row
        {
            public ulong Allocs, Frees, Bytes;
        }

        private IntPtr buffer;
        private int size = 256 * 1024;
        private readonly int build;
        private readonly string host, boot;
        private bool wide;
        private int answers;
        private Dictionary<ulong, Row> last = new Dictionary<ulong, Row>();

        public Collector()
        {
            buffer = Marshal.AllocHGlobal(size);
            build = Build();
            wide = build > LastBuildWithoutWide;
            host = Text(Encoding.ASCII.GetBytes(Environment.MachineName));
            boot = Boot();
        }

        /// One snapshot as lines, each ended by CR LF. Throws with a sentence where Windows refuses.
        public string Snapshot()
        {
            uint status = Ask(wide ? 255 : 22);
            if (wide && status == InvalidInfoClass)
            {
                wide = false;
                status = Ask(22);
            }
            if (status != 0) throw new InvalidOperationException(status == InvalidInfoClass ? "this system does not tell pool tags (0xC0000003)" : Refusal(status));
            DateTime now = DateTime.UtcNow;
            bool full = answers % FullEvery == 0;
            answers++;
            StringBuilder text = new StringBuilder(full ? 1 << 17 : 1 << 14);
            text.Append(full ? "@full " : "@changes ").Append(Time(now));
            text.Append(" host=").Append(host);
            if (build > 0) text.Append(" build=").Append(build);
            if (boot != null) text.Append(" boot=").Append(boot);
            text.Append(" counters=").Append(wide && IntPtr.Size == 8 ? 64 : 32).Append("\r\n");
            int written = Rows(text, full);
            Totals(text);
            Beside(text, full, now);
            text.Append("@end ").Append(written).Append("\r\n");
            return text.ToString();
        }

        private int Rows(StringBuilder text, bool full)
        {
            int pointer = IntPtr.Size;
            int row = pointer == 4 ? 28 : wide ? 56 : 40;
            long count = (uint)Marshal.ReadInt32(buffer);
            if (pointer + row * count > size) throw new InvalidOperationException("Windows gave an answer that makes no sense");
            Dictionary<ulong, Row> rows = new Dictionary<ulong, Row>((int)count * 2);
            int written = 0;
            for (int i = 0; i < count; i++)
            {
                int at = pointer + row * i;
                uint tag = (uint)Marshal.ReadInt32(buffer, at);
                for (int kind = 0; kind < 2; kind++)
                {
                    Row value = Read(at, kind == 1);
                    if (value.Allocs == 0 && value.Frees == 0 && value.Bytes == 0) continue;
                    ulong key = ((ulong)tag << 1) | (uint)kind;
                    rows[key] = value;
                    Row old;
                    if (!full && last.TryGetValue(key, out old) && old.Allocs == value.Allocs && old.Frees == value.Frees
                        && old.Bytes == value.Bytes) continue;
                    text.Append(Text(BitConverter.GetBytes(tag))).Append(kind == 0 ? " N " : " P ").Append(value.Allocs);
                    text.Append(' ').Append(value.Frees).Append(' ').Append(value.Bytes).Append("\r\n");
                    written++;
                }
            }
            if (!full)
            {
                foreach (ulong key in last.Keys)
                {
                    if (rows.ContainsKey(key)) continue;
                    text.Append(Text(BitConverter.GetBytes((uint)(key >> 1)))).Append((key & 1) == 0 ? " N" : " P").Append(" gone\r\n");
                    written++;
                }
            }
            last = rows;
            if (first == null) first = rows;
            return written;
        }

        private Row Read(int at, bool paged)
        {
            Row row = new Row();
            if (IntPtr.Size == 4)
            {
                int from = at + (paged ? 4 : 16);
                row.Allocs = U32(from);
                row.Frees = U32(from + 4);
                row.Bytes = U32(from + 8);
            }
            else if (wide)
            {
                int from = at + (paged ? 8 : 32);
                row.Allocs = U64(from);
                row.Frees = U64(from + 8);
                row.Bytes = U64(from + 16);
            }
            else
            {
                int from = at + (paged ? 4 : 24);
                row.Allocs = U32(from);
                row.Frees = U32(from + 4);
                row.Bytes = U64(at + (paged ? 16 : 32));
            }
            if (row.Bytes > long.MaxValue) row.Bytes = 0;
            return row;
        }

        private void Totals(StringBuilder text)
        {
            IntPtr small = Marshal.AllocHGlobal(1024);
            try
            {
                int needed;
                if (NtQuerySystemInformation(0, small, IntPtr.Size == 8 ? 64 : 44, out needed) != 0) return;
                ulong page = (uint)Marshal.ReadInt32(small, 8);
                ulong ram = (uint)Marshal.ReadInt32(small, 12);
                if (NtQuerySystemInformation(2, small, 1024, out needed) != 0 || needed < 176) return;
                text.Append("@totals");
                Total(text, "physical", ram * page);
                string[] names = { "available", "commit", "commitlimit", "commitpeak", "paged", "nonpaged", "code", "residentpaged", "drivers" };
                int[] offsets = { 44, 48, 52, 56, 112, 116, 140, 168, 172 };
                for (int i = 0; i < names.Length; i++) Total(text, names[i], page * (uint)Marshal.ReadInt32(small, offsets[i]));
                Total(text, "faults", (uint)Marshal.ReadInt32(small, 60));
                if (IntPtr.Size == 4) Total(text, "pagedleft", page * (uint)Marshal.ReadInt32(small, 160));
                text.Append("\r\n");
            }
            finally
            {
                Marshal.FreeHGlobal(small);
            }
        }

        private static void Total(StringBuilder text, string name, ulong value)
        {
            if (value > 0) text.Append(' ').Append(name).Append('=').Append(value);
        }

        private uint Ask(int kind)
        {
            for (int attempt = 0; attempt < 16; attempt++)
            {
                int needed;
                uint status = NtQuerySystemInformation(kind, buffer, size, out needed);
                if (status != InfoLengthMismatch) return status;
                if (size >= 64 << 20) return status;
                size = Math.Min(64 << 20, Math.Max(size * 2, needed + needed / 4));
                Marshal.FreeHGlobal(buffer);
                buffer = IntPtr.Zero;
                buffer = Marshal.AllocHGlobal(size);
            }
            return InfoLengthMismatch;
        }

        private static int Build()
        {
            IntPtr info = Marshal.AllocHGlobal(276);
            try
            {
                Marshal.WriteInt32(info, 276);
                return RtlGetVersion(info) == 0 ? Marshal.ReadInt32(info, 12) : 0;
            }
            finally
            {
                Marshal.FreeHGlobal(info);
            }
        }

        private static string Boot()
        {
            IntPtr small = Marshal.AllocHGlobal(48);
            try
            {
                int needed;
                if (NtQuerySystemInformation(3, small, 48, out needed) != 0) return null;
                long time = Marshal.ReadInt64(small);
                return time > 0 ? Time(DateTime.FromFileTimeUtc(time)) : null;
            }
            finally
            {
                Marshal.FreeHGlobal(small);
            }
        }

        private static string Time(DateTime time)
        {
            return time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        }

        /// Bytes as text without blanks: what is no printable ASCII, blanks and backslashes as \xNN.
        private static string Text(byte[] bytes)
        {
            StringBuilder text = new StringBuilder(16);
            foreach (byte value in bytes)
            {
                if (value > 0x20 && value < 0x7f && value != 0x5c) text.Append((char)value);
                else text.Append("\\x").Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
            return text.ToString();
        }

        private ulong U32(int at)
        {
            return (uint)Marshal.ReadInt32(buffer, at);
        }

        private ulong U64(int at)
        {
            return (ulong)Marshal.ReadInt64(buffer, at);
        }

${COLLECTOR_BESIDE}
        private static string Refusal(uint status)
        {
            string number = "0x" + status.ToString("X8", CultureInfo.InvariantCulture);
            if (status == 0xC0000022 || status == 0xC0000061)
                return "Windows refused access (" + number + "); start PowerShell with 'Run as administrator'";
            if (status == InvalidInfoClass) return "this system does not tell it (" + number + ")";
            if (status == 0xC000009A || status == 0xC0000017) return "Windows is too short of memory to answer (" + number + ")";
            return "Windows could not answer (NTSTATUS " + number + ")";
        }
    }
}
`;
